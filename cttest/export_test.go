package cttest

import (
	"context"
	"time"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/verdict"
)

// TellEvery has searches say where they stand so often, until back is called.
func TellEvery(d time.Duration) (back func()) {
	was := progressEvery
	progressEvery = d
	return func() { progressEvery = was }
}

// Engine has another one make the searches, until back is called.
func Engine(other func(context.Context, *model.Program, []*model.Monitor, explore.Options) (*verdict.Result,
	error)) (back func()) {
	run = other
	return func() { run = explore.Run }
}

// Margin is what a search leaves of the time that is left.
func Margin(left time.Duration) time.Duration { return margin(left) }
