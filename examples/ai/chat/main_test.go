package main

func Example() {
	main()
	// Output:
	//    (thinking about 5 words)
	// 1. When does the library open?
	//    The library opens at nine and closes at six.
	//    (thinking about 7 words)
	// 2. For how many weeks are books lent?
	//    Books are lent for four weeks, films for one.
	// 3. When does the library open again?
	//    The library opens at nine and closes at six.
	//    (thinking about 6 words)
	// 4. What does a lost card cost?
	//    A lost card costs five euros.
	//
	// what it remembers of the last two turns:
	// Human: When does the library open again?
	// AI: The library opens at nine and closes at six.
	// Human: What does a lost card cost?
	// AI: A lost card costs five euros.
}
