package cosmos_test

import (
	"math"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestBadBudgets(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	before := srv.Count(cosmostest.Read)
	for want, o := range map[string]cosmos.Option{
		"cosmos: a budget of -1 RU/s is negative (0 means none)": cosmos.MaxRUPerSecond(
			-1),
		"cosmos: the throughput control group is nil: make one with " +
			"NewThroughputControlGroup": cosmos.InThroughputControlGroup(nil),
	} {
		_, err := books.ReadItem(t.Context(), "1", cosmos.PartitionKey("a"), o)
		require.EqualError(t, err, want)
	}
	for want, c := range map[string]cosmos.ThroughputControlGroupConfig{
		`cosmos: throughput control group "g": give it a TargetThroughput, in RU/s, or a TargetThroughputThreshold, ` +
			`a share of the container's throughput`: {},
		`cosmos: throughput control group "g": TargetThroughput and TargetThroughputThreshold exclude each other`: {
			TargetThroughput: 1, TargetThroughputThreshold: 1},
		`cosmos: throughput control group "g": a TargetThroughput of -5 RU/s is negative`: {
			TargetThroughput: -5,
		},
		`cosmos: throughput control group "g": a TargetThroughputThreshold of 1.5 is not a share between 0 and 1`: {
			TargetThroughputThreshold: 1.5,
		},
		`cosmos: throughput control group "g": a TargetThroughputThreshold of NaN is not a share between 0 and 1`: {
			TargetThroughputThreshold: math.NaN(),
		},
		`cosmos: throughput control group "g": priority "Top" is neither High nor Low`: {
			TargetThroughput: 1, Priority: "Top",
		},
		`cosmos: throughput control group "g": throughput bucket 9 is not between 1 and 5`: {
			TargetThroughput: 1, ThroughputBucket: 9,
		},
	} {
		c.Name = "g"
		_, err := cosmos.NewThroughputControlGroup(c)
		require.EqualError(t, err, want)
	}
	// A share too small for any request.
	group, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{Name: "nightly",
		TargetThroughputThreshold: 0.001})
	require.NoError(t, err)
	_, err = books.ReadItem(t.Context(), "1", cosmos.PartitionKey("a"), cosmos.InThroughputControlGroup(group))
	require.ErrorContains(t, err, `the throughput control group "nightly" has 0.001 of the 400 RU/s of `+
		`dbs/library/colls/books, which is less than the 1 RU`)
	require.NotErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.NotErrorIs(t, err, cosmos.ErrUnavailable)
	require.Equal(t, before, srv.Count(cosmostest.Read), "nothing was sent")
}
