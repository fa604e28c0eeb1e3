package ir

// MostWaiting is how many stores of a CPU's own code can wait in its store buffer at once, by the paths through the
// code, whatever the values: those since the last statement that drains it. It is most if they are that many or
// more, which they are where a loop stores without draining.
func (f Flow) MostWaiting(lv *Level, most int) int {
	before := map[int]int{} // an instruction -> the stores that wait before it, at most
	found := 0
	todo := []int{lv.Entries[0]}
	before[todo[0]] = 0
	for len(todo) > 0 {
		ip := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		in := &f.Code[ip]
		after := before[ip]
		switch {
		case f.Buffered(in):
			after = min(after+1, most)
		case f.Drains(in):
			after = 0
		}
		found = max(found, after)
		for _, next := range f.next(spot{ip: ip, moved: true}) {
			if n, known := before[next.ip]; !known || n < after {
				before[next.ip] = after
				todo = append(todo, next.ip)
			}
		}
	}
	return found
}
