package verdict

// An Any is what a verdict on any number of CPUs of a kind rests on.
type Any struct {
	Kind     string // what the CPUs are called: "setter", or "replica"
	Replicas string // the CPU that stands for any number of its kind
	Parts    uint64 // shared parts that were seen
	Views    uint64 // views: pairs of a shared part and what a replica is at, with it
	Locals   int    // what a replica can be at
	Bits     int    // of a packed view
	Bytes    uint64 // memory of the views
	Nodes    int    // of a coverability tree, where views did not decide; 0 for none
	// Exact is the number of setters up to which every state was visited, for the properties that views left open.
	Exact int
	// Left is the properties that are not decided for any number, with the reasons.
	Left []Left
}

// A Left is a property that was left out, or a part of one.
type Left struct{ Name, Why string }
