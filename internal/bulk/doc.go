// Package bulk executes many operations on documents that succeed or fail independently, in requests of up to 100 to
// one physical partition.
//
//	operation.go  what goes in and comes out, and the Backend, which alone knows the service
//	run.go        the loop of one bulk: input, answers, timer and context are its events
//	input.go      the goroutine that runs the caller's input
//	scheduler.go  what is sent when: queues, pauses and repeats, a state machine without clock or goroutine
//	queue.go      the operations that wait for one partition, and its window
//	send.go       one request from its operations to a decision about each, on a goroutine of its own
//	policy.go     what follows a result: finished, or sent again
//	verify.go     reading back what became of an operation of unknown outcome
//	support.go    whether the server knows bulk requests
//
// No operation is lost and none is reported to have another outcome than it had: one that may have been executed by an
// attempt without an answer keeps that mark (outcomeUnknown) until its result is a success or a document that was read
// back proves what happened; otherwise its error is [rest.ErrUnknownOutcome], whatever a later attempt answered.
package bulk
