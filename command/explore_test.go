package command

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The explorer says where it is, answers there, and ends in order with its context, as Ctrl-C does.
func TestExploreServesUntilItIsInterrupted(t *testing.T) {
	for _, args := range []string{"explore -model peterz", "explore -model luto --memory tso --addr localhost:0"} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		out, w := io.Pipe()
		var errs bytes.Buffer
		status := make(chan int, 1)
		go func() { status <- Run(ctx, Own{}, strings.Fields(args), w, &errs) }()
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		address := regexp.MustCompile(`http://\S+`).FindString(line)
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "step by step") {
			t.Errorf("%s: %d, %v", args, resp.StatusCode, err)
		}
		cancel()
		select {
		case s := <-status:
			if s != exitHolds || errs.Len() > 0 {
				t.Errorf("%s: status %d, %s", args, s, errs.String())
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s does not end", args)
		}
	}
}

// What the explorer cannot be called with.
func TestBadCallsOfExplore(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, row := range []badCall{
		{"", "no model is named", "no design"},
		{"-model vallentin", "did you mean valentin", "a typing error"},
		{"-model peterz --addr 0.0.0.0:80", "which others may reach", "all interfaces"},
		{"-model peterz --addr :80", "which others may reach", "all interfaces, by default"},
		{"-model peterz --addr example.com:80", "which others may reach", "a name that may be anything"},
		{"-model peterz --addr 127.0.0.1", "a host and a port", "no port"},
		{"-model peterz --addr 127.0.0.1:99999", "choose another port", "no such port"},
		{"-model peterz --addr " + l.Addr().String(), "choose another port", "a port in use"},
		{"-model peterz --memory sc,tso", `there is no memory model "sc,tso"`, "two models"},
		{"-model peterz --timeout 0s", "more than nothing", "no time"},
		{"-model peterz --max-memory 3", "at least 1MiB", "no memory"},
		{"-model peterz --setters 99", "setters", "a configuration that is none"},
		{"-model peterz --props no-worn", "did you mean no-warn", "a property that is none"},
		{"peterz", "a model is named with -model", "a word too many"},
	} {
		row.check(t, append([]string{"explore"}, strings.Fields(row.args)...)...)
	}
}
