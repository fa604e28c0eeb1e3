package models

// maskVerdicts is of the designs up to the RFC v1, which keep the work beside the state.
var maskVerdicts = []expectation{
	{"off", [7]cell{
		{"", 18, 22,
			"refused; the IPI, pending until the target's body, runs the callback once"},
		{"", 55, 88,
			"each request has its own IPI and its own bit: two calls side by side"},
		{"", 71, 108,
			"two requests for the bit, two IPIs, two executions"},
		{"", 54, 84,
			"NMIs touch nothing that the protocol knows"},
		{"", 165, 312,
			"two IPIs and an NMI that does nothing"},
		{"", 108, 186,
			"nested NMIs do nothing either"},
		{"", 38, 52,
			"the target's own request is refused as well and its callback runs on the spot"},
	}},
	{"peterz", [7]cell{
		{"", 102, 143,
			"WORK is set by the one exchange that also answers true, so a refused request's bit " +
				"in the mask is not flushed, and user_enter clears it"},
		{"no-double-execution", 1419, 2753,
			"a refused setter's bit stays in the mask; the other's WORK has it flushed, and the " +
				"IPI runs it again: the race that the RFC v1 names"},
		{"", 1062, 2075,
			"the stray bit and the deferred one are the same bit, and two requests allow two " +
				"executions"},
		{"no-double-execution", 712, 1124,
			"an NMI between the callback and atomic_andnot() finds WORK and the bit still set " +
				"and flushes again"},
		{"no-double-execution", 12350, 25730,
			"the NMI's second flush needs one request only; the stray bit of two setters is " +
				"longer"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel", 3791, 6137,
			"besides the second flush: two nested NMIs add 2 * CT_SEQ_NMI = CT_SEQ_USER, seq " +
				"looks like user mode, set_work succeeds in the kernel, and the NMIs' exits clear " +
				"the mask"},
		{"", 228, 344,
			"in the body seq lacks USER, so the own call is refused and runs on the spot; the " +
				"other has its own bit"},
	}},
	{"peterz-retry", [7]cell{
		{"", 105, 148,
			"as peterz: a call that gives up leaves a bit without WORK, which user_enter clears"},
		{"no-double-execution", 1673, 3249,
			"retrying ends when the target has left user mode; by then the bit may have been " +
				"flushed on the other setter's WORK, and the IPI runs it again"},
		{"", 1081, 2125,
			"as peterz: one bit, two requests, two executions at most"},
		{"no-double-execution", 731, 1163,
			"as peterz: the NMI flushes what the interrupted flush has run but not yet taken off"},
		{"no-double-execution", 15052, 31247,
			"as peterz: the NMI's second flush"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel", 3890, 6361,
			"as peterz: two nested NMIs carry into USER"},
		{"", 236, 358,
			"as peterz: refused in the body"},
	}},
	{"frederic-csd", [7]cell{
		{"", 98, 137,
			"an empty queue makes the setter first, and it looks at the context after queueing; " +
				"entry and IPI take what is queued exactly once"},
		{"no-late-work no-set-in-kernel", 774, 1443,
			"the second adder relies on the first and sends no IPI, but the first, in the " +
				"kernel's time, has not looked at the context yet: the body runs meanwhile"},
		{"no-late-work no-set-in-kernel", 1042, 1959,
			"as with own bits: items are queued, not bits"},
		{"", 294, 511,
			"NMIs do nothing and take no item"},
		{"no-late-work no-set-in-kernel", 2322, 5104,
			"the second adder again; the NMI adds nothing"},
		{"", 588, 1122,
			"nested NMIs do nothing either"},
		{"", 189, 276,
			"the own call does not use the queue; the setter is always first"},
	}},
	{"valentin", [7]cell{
		{"", 78, 104,
			"DISABLED is set with the fetch that reads the work and taken off after the exit: " +
				"one exchange asks and answers"},
		{"", 493, 894,
			"both setters see the same word; each bit is fetched once"},
		{"", 575, 1007,
			"the second setter of a bit that is set changes nothing and shares the execution"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 590, 877,
			"an NMI between the two steps of entry or exit finds RCU not watching and DISABLED " +
				"set: it warns, flushes the old bits again, and its exit takes DISABLED off under " +
				"the interrupted routine, which then runs a body that is open to setters or wipes " +
				"what was set"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 3765, 7372,
			"the NMI needs no second setter"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 3126, 4856,
			"one NMI is enough"},
		{"", 162, 228,
			"DISABLED is set in the body: the own call is refused and runs on the spot"},
	}},
	{"valentin-swapped", [7]cell{
		{"no-set-in-kernel", 75, 100,
			"the exit opens ct->work one step before the state leaves the kernel, and a setter " +
				"gets in between; the next entry still flushes it"},
		{"no-set-in-kernel", 470, 853,
			"as with one setter: the open step before the exit's last"},
		{"no-set-in-kernel", 552, 966,
			"as with one setter: the open step before the exit's last"},
		{"no-set-in-kernel", 419, 647,
			"RCU watches in all of both routines, so an NMI there does nothing: no second flush, " +
				"only the open step"},
		{"no-set-in-kernel", 2655, 5375,
			"the open step; the NMI is harmless"},
		{"no-set-in-kernel", 1531, 2531,
			"the open step; nested NMIs find RCU watching"},
		{"no-set-in-kernel", 158, 223,
			"the open step; the own call in the body is refused"},
	}},
	{"valentin-swapped-enter", [7]cell{
		{"", 76, 101,
			"between the two steps of the entry work can still be set, and the fetch that " +
				"follows takes it"},
		{"", 473, 854,
			"as with one setter"},
		{"", 555, 967,
			"as with one setter; the bit is shared"},
		{"no-double-execution no-lost-work no-late-work no-warn", 477, 720,
			"the entry is safe, but the exit is valentin's: an NMI between its steps finds RCU " +
				"not watching and the old bits, flushes them again, and opens ct->work, which the " +
				"interrupted exit then wipes"},
		{"no-double-execution no-lost-work no-late-work no-warn", 3001, 5925,
			"the NMI in the exit needs no second setter"},
		{"no-double-execution no-lost-work no-late-work no-warn", 2063, 3281,
			"one NMI in the exit is enough"},
		{"", 160, 225,
			"DISABLED is set in the body: the own call is refused"},
	}},
	{"valentin-swapped-exit", [7]cell{
		{"no-set-in-kernel", 77, 103,
			"the exit opens ct->work one step before the state leaves the kernel"},
		{"no-set-in-kernel", 490, 893,
			"as with one setter"},
		{"no-set-in-kernel", 572, 1006,
			"as with one setter"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 545, 816,
			"besides the open step: an NMI between the two steps of the entry, which is " +
				"valentin's, flushes the old bits and leaves ct->work open in the kernel"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 3566, 7016,
			"the NMI in the entry needs no second setter"},
		{"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 2551, 4023,
			"one NMI in the entry is enough"},
		{"no-set-in-kernel", 160, 226,
			"the open step; the own call is refused"},
	}},
}
