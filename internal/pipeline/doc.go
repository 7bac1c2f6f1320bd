// Package pipeline answers a query from all the partitions of a container, so that the rows are those that a container
// with a single partition would give, in the same order.
//
// A query takes one of the access paths of [queryplan.Choose]. The partitions' pages run through stages, each a small
// type with one job, composed in the order that the query plan says. EXPLAIN is what the stages say of themselves:
//
//	source     pages of the partitions: in turn, or one partition after the other      pages in flight, see below
//	merge      sorted answers merged into one (ORDER BY)                               a page per partition, or
//	                                                                                   all of one that cannot sort
//	topN       the best rows of all answers (vector order)                             the rows of TOP or LIMIT
//	aggregate  partial aggregates folded                                               one row
//	distinct   rows seen before dropped                                                32 bytes per distinct row
//	group      groups of the partitions folded (GROUP BY)                              a row per group
//	skip, take OFFSET, LIMIT, TOP                                                      nothing
//	count      rows counted (COUNT of DISTINCT)                                        nothing
//	hybrid     ranks of several searches fused (ORDER BY RANK)                         the best rows of each search
//
// The last column is the memory that a stage holds. What grows with the result, not with the pages in flight, counts
// against [Options.MaxBuffer], and a query that needs more ends with an [ErrBuffer].
//
// Each stage is told how many rows are wanted of it, and asks the one below for as many as that takes: a page costs
// what it needs. A source asks one partition, and if that has too few rows two others, then four, and so on; a merge
// asks each partition for its likely share. Only a caller who reads on ([Options.ReadAhead]) has pages fetched ahead,
// from all partitions side by side, bounded by bytes over all of them (aheadBytes).
package pipeline
