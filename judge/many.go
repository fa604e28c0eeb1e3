package judge

import (
	"context"
	"sync"
)

// All calls work for 0 to n-1, on so many goroutines, and done with the results in that order, on the caller's,
// each as soon as those before it are there. When done returns an error nothing more is begun, and All returns
// it.
func All[T any](ctx context.Context, n, workers int, work func(ctx context.Context, i int) T,
	done func(i int, result T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	results := make([]chan T, n)
	for i := range results {
		results[i] = make(chan T, 1)
	}
	todo := make(chan int)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	wg.Go(func() {
		defer close(todo)
		for i := range n {
			select {
			case todo <- i:
			case <-stop:
				return
			}
		}
	})
	for range min(workers, n) {
		wg.Go(func() {
			for i := range todo {
				results[i] <- work(ctx, i)
			}
		})
	}
	for i := range n {
		if err := done(i, <-results[i]); err != nil {
			return err
		}
	}
	return nil
}
