package dsl

// Hostile is for the tests that need a database, which are in the package beside.
var Hostile = hostile
