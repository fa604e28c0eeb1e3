package explore

// RunMachine searches the states of a machine, for tests that choose the room of its store buffers.
var RunMachine = searchMachine

// EndsAfter is EndsOf, with so many states expanded one step at a time.
var EndsAfter = endsOf
