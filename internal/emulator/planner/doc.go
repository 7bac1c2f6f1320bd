// Package planner makes query plans as the gateway does: which partitions a query can reach, what text each of them
// is asked, and how a client has to merge what they answer.
//
// [Plan] begins in plan.go and hands each shape of query on: orderby.go sorts, aggregate.go aggregates and groups,
// hybrid.go ranks. features.go is what a client must be able to do, servable.go which queries need no plan at all. The
// form of a plan and what can be read off a query are in queryplan, which the client shares.
package planner
