package statement

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// CreateDatabase is CREATE DATABASE [IF NOT EXISTS] name [WITH (throughput = n | max_throughput = n)].
type CreateDatabase struct {
	Parameters
	Database    string
	IfNotExists bool
	Throughput  Throughput
}

// AlterDatabase is ALTER DATABASE name WITH (throughput = n | max_throughput = n).
type AlterDatabase struct {
	Parameters
	Database   string
	Throughput Throughput
}

// CreateContainer is
//
//	CREATE CONTAINER [IF NOT EXISTS] [db.]name PARTITION KEY (/a[, /b[, /c]])
//		[UNIQUE KEY (/a, /b)] … [WITH (option = value, …)]
//
// COLLECTION and TABLE are other words for CONTAINER.
type CreateContainer struct {
	Parameters
	Target
	IfNotExists bool
	Throughput  Throughput
	Properties  json.RawMessage // the body of the request, its id included
}

// AlterContainer is ALTER CONTAINER [db.]name WITH (option = value, …).
type AlterContainer struct {
	Parameters
	Target
	Throughput Throughput
	Properties json.RawMessage // the members to replace, null for those to take out; nil if there are none
}

// Drop is DROP DATABASE or DROP CONTAINER, with IF EXISTS or without. Container is "" for a database.
type Drop struct {
	Parameters
	Target
	IfExists bool
}

// List is LIST (or SHOW) DATABASES, or LIST (or SHOW) CONTAINERS [FROM db]. Database is "" where the text leaves it to
// the connection.
type List struct {
	Parameters
	Containers bool
	Database   string
}

// Describe is DESCRIBE DATABASE name or DESCRIBE [CONTAINER] [db.]name [SAMPLE n]. Container is "" for a database.
type Describe struct {
	Parameters
	Target
	Sample int // documents to look at; 0 to show the definition
}

// Explain is EXPLAIN and a SELECT, which is run only to be analyzed.
type Explain struct {
	Analyze bool // EXPLAIN ANALYZE: it is run
	*Select
}

// Words for a container.
var containerWords = []string{"CONTAINER", "COLLECTION", "TABLE"}

func acceptAny(p *nosql.Parser, words ...string) bool {
	for _, w := range words {
		if p.Accept(w) {
			return true
		}
	}
	return false
}

func parseCreate(p *nosql.Parser) (Statement, error) {
	if p.Accept("DATABASE") {
		s := &CreateDatabase{IfNotExists: p.Accept("IF", "NOT", "EXISTS"), Database: p.Word()}
		var err error
		s.Throughput, err = onlyThroughput(p)
		return s, err
	}
	if !acceptAny(p, containerWords...) {
		p.Fail()
	}
	return parseCreateContainer(p)
}

func parseAlter(p *nosql.Parser) (Statement, error) {
	if p.Accept("DATABASE") {
		s := &AlterDatabase{Database: p.Word()}
		var err error
		if s.Throughput, err = onlyThroughput(p); err == nil && s.Throughput == (Throughput{}) {
			err = errNothingToAlter
		}
		return s, err
	}
	if !acceptAny(p, containerWords...) {
		p.Fail()
	}
	return parseAlterContainer(p)
}

func parseDrop(p *nosql.Parser) (Statement, error) {
	s := &Drop{}
	database := p.Accept("DATABASE")
	if !database && !acceptAny(p, containerWords...) {
		p.Fail()
	}
	s.IfExists = p.Accept("IF", "EXISTS")
	if database {
		s.Database = p.Word()
	} else {
		s.Target = readTarget(p)
	}
	return s, finish(p)
}

func parseList(p *nosql.Parser) (Statement, error) {
	s := &List{}
	if acceptAny(p, "DATABASES", "DATABASE") {
		return s, finish(p)
	}
	if !acceptAny(p, "CONTAINERS", "COLLECTIONS", "TABLES", "CONTAINER", "COLLECTION", "TABLE") {
		p.Fail()
	}
	s.Containers = true
	if acceptAny(p, "FROM", "IN") {
		s.Database = p.Word()
	}
	return s, finish(p)
}

func parseDescribe(p *nosql.Parser) (Statement, error) {
	s := &Describe{}
	if p.Accept("DATABASE") {
		s.Database = p.Word()
		return s, finish(p)
	}
	acceptAny(p, containerWords...)
	s.Target = readTarget(p)
	if p.Accept("SAMPLE") {
		n := p.Token()
		s.Sample, _ = strconv.Atoi(p.Text(n))
		if n.Kind != nosql.Digits || s.Sample < 1 || s.Sample > MaxSample {
			p.FailAt(n.Span, fmt.Sprintf("SAMPLE takes the number of documents to look at, from 1 to %d.", MaxSample))
		}
		p.Advance()
	}
	return s, finish(p)
}

// MaxSample is the most documents that DESCRIBE … SAMPLE looks at.
const MaxSample = 100_000

// finish reads the end of the text.
func finish(p *nosql.Parser) error {
	p.End()
	return p.Err()
}
