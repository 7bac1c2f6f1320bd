package control

import (
	"slices"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func contents(c *call) (any, error) { return map[string]any{"databases": c.srv.Contents()}, nil }

// container are the names in the path.
func (c *call) container() (database, container string) {
	return c.r.PathValue("database"), c.r.PathValue("container")
}

func documents(c *call) (any, error) {
	docs, err := c.srv.Documents(c.container())
	return map[string]any{"documents": docs}, err
}

type rangeState struct {
	ID     string `json:"id"`
	Min    string `json:"min"`
	Max    string `json:"max"`
	Status string `json:"status"`
}

func ranges(c *call) (any, error) {
	list, err := c.srv.Ranges(c.container())
	out := []rangeState{}
	for _, r := range list {
		out = append(out, rangeState(r))
	}
	return map[string]any{"ranges": out}, err
}

// changeState is a split or a merge.
type changeState struct {
	Old   []string `json:"old"`
	New   []string `json:"new"`
	Phase string   `json:"phase"`
}

func show(ch *cosmostest.RangeChange) changeState {
	return changeState{ch.Old(), ch.New(), ch.Phase().String()}
}

// begun answers a change that is moved by hand.
func begun(ch *cosmostest.RangeChange, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return show(ch), nil
}

// through answers a change that the server goes through.
func (c *call) through(old, ids []string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	phase := cosmostest.Done.String()
	under, err := c.changes()
	for _, ch := range under {
		if slices.Equal(ch.New(), ids) { // SplitPhases has it take time
			phase = ch.Phase().String()
		}
	}
	return changeState{old, ids, phase}, err
}

type splitting struct {
	Range  string `json:"range"`
	Key    []any  `json:"key"`
	At     string `json:"at"`
	Phases bool   `json:"phases"`
}

func split(c *call, in splitting) (any, error) {
	database, container := c.container()
	if err := need("range", in.Range); err != nil {
		return nil, err
	}
	if in.Key != nil && in.At != "" {
		return nil, fail(400, `"key" and "at" both say where to cut: leave one out`)
	}
	if in.Key != nil {
		at, err := c.srv.EffectivePartitionKey(database, container, in.Key...)
		if err != nil {
			return nil, err
		}
		in.At = at
	}
	if in.Phases {
		return begun(c.srv.BeginSplit(database, container, in.Range, in.At))
	}
	ids, err := c.srv.SplitAt(database, container, in.Range, in.At)
	return c.through([]string{in.Range}, ids, err)
}

type neighbours struct {
	Ranges []string `json:"ranges"`
	Phases bool     `json:"phases"`
}

func merge(c *call, in neighbours) (any, error) {
	database, container := c.container()
	if len(in.Ranges) != 2 {
		return nil, fail(400, `"ranges" names two neighbours, not %d`, len(in.Ranges))
	}
	if in.Phases {
		return begun(c.srv.BeginMerge(database, container, in.Ranges[0], in.Ranges[1]))
	}
	id, err := c.srv.Merge(database, container, in.Ranges[0], in.Ranges[1])
	return c.through(in.Ranges, []string{id}, err)
}

// changes are the splits and merges of the container that are under way.
func (c *call) changes() ([]*cosmostest.RangeChange, error) { return c.srv.RangeChanges(c.container()) }

func listChanges(c *call) (any, error) {
	list, err := c.changes()
	out := []changeState{}
	for _, ch := range list {
		out = append(out, show(ch))
	}
	return map[string]any{"changes": out}, err
}

// change is the one that an old range takes part in.
func (c *call) change() (*cosmostest.RangeChange, error) {
	list, err := c.changes()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("range")
	for _, ch := range list {
		if slices.Contains(ch.Old(), id) {
			return ch, nil
		}
	}
	return nil, fail(404, "range %s is being neither split nor merged: GET …/changes lists those that are", id)
}

func advanceChange(c *call) (any, error) {
	ch, err := c.change()
	if err == nil {
		_, err = ch.Advance()
	}
	return begun(ch, err)
}

func cancelChange(c *call) (any, error) {
	ch, err := c.change()
	if err == nil {
		err = ch.Cancel()
	}
	return begun(ch, err)
}

type rangeFailover struct {
	Range  string `json:"range"`
	Region string `json:"region"`
	Force  bool   `json:"force"`
}

func failOverRange(c *call, in rangeFailover) (any, error) {
	database, container := c.container()
	if err := need("range", in.Range); err != nil {
		return nil, err
	}
	if err := need("region", in.Region); err != nil {
		return nil, err
	}
	return lost(c.srv.FailOverPartition(database, container, in.Range, in.Region, in.Force))
}
