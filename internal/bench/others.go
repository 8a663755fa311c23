package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"time"
)

// The figures of other tools that the table shows too.
var (
	engineLine = regexp.MustCompile(`BenchmarkComplete/(\w+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op`)
	sizeLine   = regexp.MustCompile(`(?m)^(.+): ([\d.]+) KiB gz of (\d+)`)
)

// mostDecide is how long the engine may take over the completion of a task.
const mostDecide = 5 * time.Microsecond

// engine prints what `go test -bench BenchmarkComplete` has measured: the median of its runs, decide and apply together.
func (b *bench) engine(table io.Writer) error {
	if b.engineFile == "" {
		return nil
	}
	text, err := os.ReadFile(b.engineFile)
	if err != nil {
		return fmt.Errorf("read the engine's benchmark: %w", err)
	}
	var took []float64
	for _, found := range engineLine.FindAllStringSubmatch(string(text), -1) {
		if found[1] != "decide" {
			continue
		}
		ns, err := strconv.ParseFloat(found[2], 64)
		if err != nil {
			return fmt.Errorf("read the engine's benchmark: %w", err)
		}
		took = append(took, ns)
	}
	if len(took) == 0 {
		return fmt.Errorf("read the engine's benchmark: %s holds no BenchmarkComplete", b.engineFile)
	}
	one := time.Duration(median(took))
	fmt.Fprintf(table, "engine: decide and apply a completion\tStepwell\t%.0f\t%s\t\t\t%s\n",
		float64(time.Second)/float64(one), one.Round(10*time.Nanosecond), judged("<= "+mostDecide.String(), one <= mostDecide))
	return nil
}

// sizes prints what `npm run size` has measured.
func (b *bench) sizes(table io.Writer) error {
	if b.sizeFile == "" {
		return nil
	}
	text, err := os.ReadFile(b.sizeFile)
	if err != nil {
		return fmt.Errorf("read sizes: %w", err)
	}
	for _, found := range sizeLine.FindAllStringSubmatch(string(text), -1) {
		size, err := strconv.ParseFloat(found[2], 64)
		if err != nil {
			return fmt.Errorf("read sizes: %w", err)
		}
		most, err := strconv.ParseFloat(found[3], 64)
		if err != nil {
			return fmt.Errorf("read sizes: %w", err)
		}
		fmt.Fprintf(table, "to load: %s\tStepwell\t\t%s KiB gz\t\t\t%s\n", found[1], found[2], judged("<= "+found[3]+" KiB gz", size <= most))
	}
	return nil
}
