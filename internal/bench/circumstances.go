package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// circumstances tell what the figures belong to.
func (b *bench) circumstances() error {
	ours, err := buildinfo.ReadFile(b.stepwell)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	theirs, err := buildinfo.ReadFile(b.pocketbase)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	_, err = fmt.Fprintf(b.out, `
%d records of about 1 KB with %d fields, %d keep-alive clients, %d turns of %s each; figures are medians of turns, percentiles of all requests
machine: %s, %d cores, shared by servers and clients; %s/%s
Stepwell: revision %s, %s, SQLite %s; WAL with synchronous=FULL: an answer means that it is on the disk
PocketBase: %s, %s, SQLite %s; its default, WAL with synchronous=NORMAL: an answer survives a crash of the process, not of the machine
`, b.records, len(fields()), b.clients, b.rounds, b.each, processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		revision(ours), ours.GoVersion, module(ours, "modernc.org/sqlite"),
		module(theirs, "github.com/pocketbase/pocketbase"), theirs.GoVersion, module(theirs, "modernc.org/sqlite"))
	return err
}

func module(info *buildinfo.BuildInfo, path string) string {
	for _, dep := range info.Deps {
		if dep.Path == path {
			return dep.Version
		}
	}
	return "unknown"
}

func revision(info *buildinfo.BuildInfo) string {
	out := "unknown"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			out = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			out += " with changes"
		}
	}
	return out
}

// processor is the machine's own name for it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range bytes.Lines(text) {
		if name, ok := strings.CutPrefix(string(line), "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "unknown processor"
}
