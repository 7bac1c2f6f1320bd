package main

func Example() {
	main()
	// Output:
	// by meaning: which partition keys should I choose
	//   0.30  A partition key spreads documents: choose one with many values that queries filter on.
	//   0.18  The change feed gives documents in the order in which they changed.
	// with a filter: partition key levels
	//   0.56  A hierarchical partition key has up to three levels, such as tenant, user and session.
	// nothing is similar enough: bread and butter
	// by words too: what is a 429?
	//   0.18  Error 429 means that requests came faster than the throughput allows.
	// store: the filter names "abuot", which container "notes" does not index; it has: about, year.
	// To filter by it, add /metadata/abuot/? to the included paths of its indexing policy (Container.Replace),
	// or to VectorContainer.Fields of a new one.
}
