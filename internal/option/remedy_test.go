package option

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const skipped = "; where it rides the context (WithOptions) or is a default of the client, other calls skip it"

// TestRefusedArguments holds the whole text of the refusal of each kind: what is refused, where, and the way out.
func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	const (
		created   = ": a document that is created has no ETag to compare; use a replace, or an upsert"
		read      = ": a read takes IfNoneMatch"
		single    = ": it is about one document; give it to that operation, as in OpReplace(id, item, IfMatch(etag))"
		patches   = ": only patches have conditions (PatchItem, OpPatch, PatchMany, UPDATE)"
		sender    = ": give it to the call that sends the operation"
		sortedOut = ": it is for "
	)
	for _, tt := range []struct {
		op   *Operation
		o    Option
		want string
	}{
		// What is created has no ETag, by whichever way it is created.
		{CreateItem, New(IfMatch, "e"), created},
		{OpCreate, New(IfMatch, "e"), created},
		{Insert, New(IfMatch, "e"), created},
		{Insert.InTransaction(), New(IfMatch, "e"), created},
		// A read goes by the other condition.
		{ReadItem, New(IfMatch, "e"), read},
		{OpRead, New(IfMatch, "e"), read},
		{Query, New(IfMatch, "e"), sortedOut + "UpsertItem, ReplaceItem, PatchItem, DeleteItem, Container.Replace"},
		// Calls of many operations have no document that a guard could be about.
		{TransactionalBatch, New(IfMatch, "e"), single},
		{TransactionalBatch, New(IfNoneMatch, "e"), single},
		{TransactionalBatch, New(PatchCondition, "c"), single},
		{Bulk, New(IfMatch, "e"), single},
		{Bulk, New(PatchCondition, "c"), single},
		{CreateMany, New(IfMatch, "e"), single},
		{PatchMany, New(IfNoneMatch, "e"), single},
		{ReadMany, New(IfNoneMatch, "e"), single},
		// Conditions are for patches alone.
		{ReplaceItem, New(PatchCondition, "c"), patches},
		{DeleteItem, New(PatchCondition, "c"), patches},
		{OpReplace, New(PatchCondition, "c"), patches},
		{Delete, New(PatchCondition, "c"), patches},
		{Query, New(PatchCondition, "c"), patches},
		{UpsertMany, New(PatchCondition, "c"), patches},
		// What the request says is not an operation's.
		{OpUpsert, New(Priority, "Low"), sender},
		{OpDelete, New(RepeatWrites, true), sender},
		{OpRead, New(Consistency, "Eventual"), sender},
		// An option that is meant for something else names that, and how it may stay where it is.
		{CreateItem, size(5), sortedOut + "Query, Items, ChangeFeed" + skipped},
		{Query, New(Throughput, 400),
			sortedOut + "CreateDatabase, CreateContainer, ReplaceThroughput" + skipped},
		{ReadItem, New(FromNow, nil), sortedOut + "ChangeFeed" + skipped},
		{ReplaceItem, New(ScriptLogging, true), sortedOut + "ExecuteStoredProcedure" + skipped},
		{CreateResource, New(TokenLife, 1), sortedOut + "Resources.Create of a permission" + skipped},
		// Names of statements where statements are asked, and for the options that only those take.
		{Query, into("c"),
			sortedOut + "SELECT, INSERT, UPSERT, UPDATE, DELETE, CREATE, ALTER and DROP, " +
				"LIST and DESCRIBE, DESCRIBE … SAMPLE" + skipped},
		{CreateItem, New(InDatabase, "d"),
			sortedOut + "SELECT, INSERT, UPSERT, UPDATE, DELETE, CREATE, ALTER and DROP, " +
				"LIST and DESCRIBE, DESCRIBE … SAMPLE" + skipped},
		{Begin, New(InDatabase, "d"),
			sortedOut + "SELECT, INSERT, UPSERT, UPDATE, DELETE, CREATE, ALTER and DROP, " +
				"LIST and DESCRIBE, DESCRIBE … SAMPLE" + skipped},
		{Select, New(ContentResponse, true), sortedOut + "INSERT, UPSERT, UPDATE" + skipped},
		{Update, New(Continuation, "c"), sortedOut + "SELECT, DESCRIBE … SAMPLE" + skipped},
		{Update, New(Distributed, true), sortedOut + "BeginTx" + skipped},
		{CreateItem, New(Distributed, true), sortedOut + "BeginTx" + skipped},
		{Select, New(FromNow, nil), sortedOut + "ChangeFeed" + skipped},
		{Insert.InTransaction(), New(ContentResponse, true), sortedOut + "INSERT, UPSERT, UPDATE" + skipped},
		// A guard is never skipped, so nothing is said about skipping it.
		{CreateDatabase, New(InFeedRange, [2]string{"", "FF"}), sortedOut + "Query, Items, ChangeFeed"},
		{Databases, New(IfNoneMatch, "e"), sortedOut + "ReadItem, Query"},
	} {
		t.Run(tt.op.Name+" "+tt.o.Name(), func(t *testing.T) {
			t.Parallel()
			_, err := Resolve(t.Context(), tt.op, nil, []Option{tt.o})
			require.EqualError(t, err, "cosmos: the option "+tt.o.String()+" does not apply to "+tt.op.Name+tt.want)
		})
	}
}

// operations are all that options can be given to.
func operations() []*Operation {
	return append(slices.Concat(methods, statements),
		OpCreate, OpUpsert, OpReplace, OpPatch, OpDelete, OpRead, CommitTransaction, ReadTransaction, CreateMany,
		UpsertMany, ReplaceMany, DeleteMany, ReadMany, Explain, Databases, ReadDatabase, DeleteDatabase, Containers,
		ReadContainer, ReadUsage, Conflicts, DeleteConflict, QueryDatabases, QueryContainers, DeleteContainer,
		ReadThroughput, ListResources, CreateResource, ReadResource, ReplaceResource, DeleteResource, ReadPermission,
		ReplacePermission, ExplainStmt, SampleStmt, txInsert, txUpsert, txUpdate, txDelete,
	)
}

// TestNothingIsLostInSilence: an argument is carried out or refused, whatever the operation; what a context carries is
// carried out, or skipped where that changes nothing that is meant, or refused.
func TestNothingIsLostInSilence(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		for n := none + 1; n < names; n++ {
			o := New(n, examples[n])
			asArgument, err := Resolve(t.Context(), op, nil, []Option{o})
			if op.Takes(n) {
				require.NoError(t, err, "%s %s", op.Name, n)
				require.NotEqual(t, &Set{}, asArgument, "%s takes %s and carries nothing out", op.Name, n)
			} else {
				require.ErrorContains(t, err, n.String(), op.Name)
				require.ErrorContains(t, err, op.Name)
				require.NotRegexp(t, `it is for (;|$)`, err.Error(), "the way out of %s %s is empty", op.Name, n)
			}
			for where, resolve := range map[string]func() (*Set, error){
				"the context": func() (*Set, error) { return Resolve(With(t.Context(), []Option{o}), op, nil, nil) },
				"a default":   func() (*Set, error) { return Resolve(t.Context(), op, []Option{o}, nil) },
			} {
				s, err := resolve()
				switch {
				case op.Takes(n):
					require.NoError(t, err, "%s %s", op.Name, n)
					require.NotEqual(t, &Set{}, s, "%s %s", op.Name, n)
				case guards.has(n) && op.Documents() && !op.part:
					require.ErrorContains(t, err, where+" carries the option "+n.String(), op.Name)
				default:
					require.NoError(t, err, "%s %s", op.Name, n)
					s.DefaultKey = false
					require.Equal(t, &Set{}, s, "%s %s", op.Name, n)
				}
			}
		}
	}
}

// TestInTransaction: a statement in a transaction takes what one request for all can carry out, and no less than
// guards.
func TestInTransaction(t *testing.T) {
	t.Parallel()
	for op, guard := range map[*Operation][]Name{
		Insert: nil, Upsert: {IfMatch}, Update: {IfMatch, PatchCondition}, Delete: {IfMatch},
	} {
		in := op.InTransaction()
		require.Equal(t, op.Name+" in a transaction", in.Name)
		require.True(t, in.Documents())
		for _, n := range guard {
			require.True(t, in.Takes(n), "%s %s", in.Name, n)
		}
		for _, n := range []Name{PartitionKey, InContainer, InDatabase, SessionToken, RepeatWrites} {
			require.True(t, in.Takes(n), "%s %s", in.Name, n)
		}
		for _, n := range []Name{ContentResponse, PreTriggers, PostTriggers, IndexingDirective, PageSize} {
			require.False(t, in.Takes(n), "%s %s", in.Name, n)
		}
		require.Same(t, in, in.InTransaction(), "once is enough")
	}
	require.Same(t, Select, Select.InTransaction(), "a query is not part of a batch")
}

// BenchmarkResolve is what every call pays: nothing for a call without options.
func BenchmarkResolve(b *testing.B) {
	args := []Option{New(IfMatch, `"e"`), New(ContentResponse, true)}
	ctx := With(b.Context(), []Option{New(Priority, "Low")})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !None(b.Context(), nil) {
				b.Fatal("somebody said something")
			}
		}
	})
	b.Run("context and arguments", func(b *testing.B) {
		b.ReportAllocs()
		var s Set
		for b.Loop() {
			s = Set{}
			if err := s.Resolve(ctx, ReplaceItem, nil, args); err != nil {
				b.Fatal(err)
			}
		}
	})
}
