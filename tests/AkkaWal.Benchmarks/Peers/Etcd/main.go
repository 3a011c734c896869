// Durable appends to etcd's write-ahead log: concurrent writers, each of which waits until its entry is on the disk,
// and one goroutine that saves what waits, as etcd's own raft loop does.
//
//	main DIRECTORY WRITERS ENTRY_BYTES WARM_UP_MS DURATION_MS
//
// Prints the measured time in nanoseconds and how many saves (each synced) it took, then a latency in nanoseconds a
// line.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/etcd/raft/raftpb"
	"go.etcd.io/etcd/wal"
	"go.uber.org/zap"
)

type request struct {
	data []byte
	done chan struct{}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(argument int) int {
	value, err := strconv.Atoi(os.Args[argument])
	check(err)
	return value
}

func main() {
	writers, bytes := number(2), number(3)
	warmUp, duration := time.Duration(number(4))*time.Millisecond, time.Duration(number(5))*time.Millisecond
	log, err := wal.Create(zap.NewNop(), os.Args[1], nil)
	check(err)

	var index uint64
	var saves int64
	start := time.Now()
	warm, end := start.Add(warmUp), start.Add(warmUp+duration)
	save := func(batch []request) {
		entries := make([]raftpb.Entry, len(batch))
		for i, one := range batch {
			index++
			entries[i] = raftpb.Entry{Term: 1, Index: index, Data: one.data}
		}
		check(log.Save(raftpb.HardState{Term: 1, Commit: index}, entries))
		if now := time.Now(); now.After(warm) && now.Before(end) {
			saves++
		}
	}

	latencies := make([][]time.Duration, writers)
	if writers == 1 {
		one := []request{{data: make([]byte, bytes)}}
		write(&latencies[0], warm, end, func() { save(one) })
	} else {
		queue := make(chan request, writers)
		var running sync.WaitGroup
		for i := range latencies {
			running.Add(1)
			go func(mine *[]time.Duration) {
				defer running.Done()
				own := request{make([]byte, bytes), make(chan struct{}, 1)}
				write(mine, warm, end, func() { queue <- own; <-own.done })
			}(&latencies[i])
		}
		go func() {
			running.Wait()
			close(queue)
		}()
		saveAll(queue, save)
	}
	check(log.Close())

	output := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(output, duration.Nanoseconds(), saves)
	for _, mine := range latencies {
		for _, one := range mine {
			fmt.Fprintln(output, one.Nanoseconds())
		}
	}
	check(output.Flush())
}

// write appends over and over until the end, and notes how long each measured append took.
func write(latencies *[]time.Duration, warm time.Time, end time.Time, appendOne func()) {
	for start := time.Now(); start.Before(end); {
		appendOne()
		now := time.Now()
		if now.After(warm) && now.Before(end) {
			*latencies = append(*latencies, now.Sub(start))
		}
		start = now
	}
}

// saveAll saves whatever waits, together, until the queue is closed.
func saveAll(queue chan request, save func([]request)) {
	batch := make([]request, 0, cap(queue))
	for first := range queue {
		batch = append(batch[:0], first)
		for more := true; more && len(batch) < cap(queue); {
			select {
			case next, open := <-queue:
				if more = open; open {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		save(batch)
		for _, one := range batch {
			one.done <- struct{}{}
		}
	}
}
