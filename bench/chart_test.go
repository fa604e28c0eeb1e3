package bench

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
)

// A bar is a search as the chart draws it.
type bar struct {
	name        string
	speed, room float64 // states a second, bytes a state
}

// The chart in docs/performance.md is drawn from the table below it: go test ./bench -run Chart -update.
func TestChart(t *testing.T) {
	page, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	var bars []bar
	row := regexp.MustCompile(`(?m)^\| ([^|]+) \| [\d.]+ \| ([\d,]+) \| ([\d.]+) B \|$`)
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		speed, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		room, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		bars = append(bars, bar{m[1], speed, room})
	}
	if len(bars) != 4 {
		t.Fatalf("%d rows", len(bars))
	}
	testkit.Golden(t, "../docs/performance.svg", []byte(chart(bars)))
}

// chart draws two groups of bars side by side, each as long as its figure is to the largest.
func chart(bars []bar) string {
	const left, wide, high, gap = 250, 200, 22, 300
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="860" height="%d" font-family="sans-serif" `+
		`font-size="13">`+"\n", 50+len(bars)*(high+8))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	var speed, room float64
	for _, x := range bars {
		speed, room = max(speed, x.speed), max(room, x.room)
	}
	text := func(x, y int, anchor, what string) {
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="%s" fill="#1b1f24">%s</text>`+"\n", x, y, anchor, what)
	}
	text(left, 24, "start", "states a second (more is better)")
	text(left+gap, 24, "start", "bytes a state (fewer is better)")
	for i, x := range bars {
		y := 40 + i*(high+8)
		colour := "#0969da"
		if strings.HasPrefix(x.name, "SPIN") {
			colour = "#8c959f"
		}
		text(left-8, y+16, "end", x.name)
		for k, share := range []float64{x.speed / speed, x.room / room} {
			n := int(share * wide)
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", left+k*gap, y, n, high,
				colour)
			what := fmt.Sprintf("%.2f million", x.speed/1e6)
			if k == 1 {
				what = fmt.Sprintf("%.1f B", x.room)
			}
			text(left+k*gap+n+6, y+16, "start", what)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}
