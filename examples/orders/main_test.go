package main

func Example() {
	main()
	// Output:
	// order-1 placed
	// order-2 refused: sold out: 2 of 3 bolt are left
	// bolt left: 2
	// nut left: 2
}
