package cfront

import (
	"bytes"
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctcheck/litmus"
)

// This file has the stand-ins for the kernel's headers, and the file system in which the parser finds them.

//go:embed headers
var embedded embed.FS

// headerRoot is where the parser looks for headers, a folder that is on no disk.
const headerRoot = "ctcheck-headers"

// atomicHeader is made of the table of primitives.
const atomicHeader = "linux/atomic.h"

// Header is the text of a stand-in by its name, as linux/smp.h. The error is that there is none.
func Header(name string) ([]byte, error) {
	if name == atomicHeader {
		return atomics(), nil
	}
	return embedded.ReadFile(path.Join("headers", name))
}

// Headers is the names of all stand-ins, in order.
func Headers() []string {
	names := []string{atomicHeader}
	err := fs.WalkDir(embedded, "headers", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(p, "headers/"))
		}
		return err
	})
	if err != nil {
		panic(err) // what is embedded can be read
	}
	slices.Sort(names)
	return names
}

// shapes says what the operands of a primitive are in a prototype: p is the pointer, v a value, r a pointer to the
// expected value.
var shapes = map[litmus.Shape]string{litmus.TakesPtr: "p", litmus.TakesPtrVal: "pv", litmus.TakesValPtr: "vp",
	litmus.TakesPtrOldNew: "pvv", litmus.TakesPtrRefNew: "prv", litmus.TakesPtrAddUnless: "pvv"}

// atomics is linux/atomic.h: prototypes of the functions on atomic_t and its kin, and macros for those that take
// any integer or pointer.
func atomics() []byte {
	var b bytes.Buffer
	b.WriteString("/* Made by ctcheck from its table of primitives. */\n#ifndef _LINUX_ATOMIC_H\n" +
		"#define _LINUX_ATOMIC_H\n#include <linux/types.h>\n#include <linux/compiler.h>\n" +
		"#include <asm/barrier.h>\n\n#define ATOMIC_INIT(i) { (i) }\n#define ATOMIC64_INIT(i) { (i) }\n" +
		"#define ATOMIC_LONG_INIT(i) { (i) }\n\n")
	for _, name := range litmus.Primitives() {
		p := litmus.PrimitiveOf(name)
		switch {
		case strings.HasPrefix(name, "atomic"):
			b.WriteString(prototype(name, p) + ";\n")
			for _, prefix := range []string{"arch_", "raw_"} {
				b.WriteString("#define " + prefix + name + " " + name + "\n")
			}
		case strings.HasPrefix(name, "xchg"), strings.HasPrefix(name, "cmpxchg"),
			strings.HasPrefix(name, "try_cmpxchg"):
			b.WriteString(exchange(name, p))
			for _, prefix := range []string{"arch_", "raw_"} {
				b.WriteString("#define " + prefix + name + " " + name + "\n")
			}
		}
	}
	b.WriteString("\n#endif\n")
	return b.Bytes()
}

// prototype declares a function on atomic_t, atomic64_t or atomic_long_t.
func prototype(name string, p *litmus.Primitive) string {
	of, val := "atomic_t", "int"
	switch {
	case strings.HasPrefix(name, "atomic64_"):
		of, val = "atomic64_t", "s64"
	case strings.HasPrefix(name, "atomic_long_"):
		of, val = "atomic_long_t", "long"
	}
	result := val
	switch p.Returns {
	case litmus.Nought:
		result = "void"
	case litmus.IsZero, litmus.IsNegative, litmus.Success:
		result = "bool"
	}
	var params []string
	for _, kind := range shapes[p.Shape] {
		switch {
		case kind == 'v':
			params = append(params, val+" i")
		case kind == 'r':
			params = append(params, val+" *old")
		case p.Class == litmus.Load:
			params = append(params, "const "+of+" *v")
		default:
			params = append(params, of+" *v")
		}
	}
	if len(params) == 3 {
		params[2] = val + " j"
	}
	return result + " " + name + "(" + strings.Join(params, ", ") + ")"
}

// exchange defines a macro for an access to any integer or pointer.
func exchange(name string, p *litmus.Primitive) string {
	head := "#define " + name
	if rest, ok := strings.CutPrefix(name, "try_cmpxchg"); ok {
		return head + "(p, old, new) ((bool)__ct_access(\"try_cmpxchg" + rest +
			"\", (p), (old), (__typeof__(*(p)))(new)))\n"
	}
	if p.Shape == litmus.TakesPtrOldNew {
		return head + "(p, old, new) ((__typeof__(*(p)))__ct_access(\"" + name +
			"\", (p), (__typeof__(*(p)))(old), (__typeof__(*(p)))(new)))\n"
	}
	return head + "(p, new) ((__typeof__(*(p)))__ct_access(\"" + name + "\", (p), (__typeof__(*(p)))(new)))\n"
}

// A fileSystem is what the parser reads: the stand-ins, the folders of -I and those of the files themselves.
type fileSystem struct {
	read func(name string) ([]byte, error) // of files on the disk
	seen map[string][]byte                 // all that was opened, by name
}

// Open implements [fs.FS]. The error is that there is no such file.
func (f *fileSystem) Open(name string) (fs.File, error) {
	text, known := f.seen[name]
	if !known {
		var err error
		if rest, ok := strings.CutPrefix(name, headerRoot+"/"); ok {
			text, err = Header(rest)
		} else {
			text, err = f.read(name)
		}
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		f.seen[name] = text
	}
	return &openFile{Reader: bytes.NewReader(text), name: path.Base(name)}, nil
}

// mostBytes is how long a file may be.
const mostBytes = 4 << 20

// readDisk reads a file. The error is that of the system, or that it is too long.
func readDisk(name string) ([]byte, error) {
	file, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return nil, fs.ErrInvalid
	}
	text, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err == nil && len(text) > mostBytes {
		err = errors.New("it is longer than 4 MiB")
	}
	return text, err
}

// An openFile is a file of a [fileSystem] that is being read. It is its own [fs.FileInfo].
type openFile struct {
	*bytes.Reader
	name string
}

// Stat implements [fs.File]; there is no error.
func (f *openFile) Stat() (fs.FileInfo, error) { return f, nil }

// Close implements [fs.File]; there is no error.
func (f *openFile) Close() error       { return nil }
func (f *openFile) Name() string       { return f.name }
func (f *openFile) Mode() fs.FileMode  { return 0o444 }
func (f *openFile) ModTime() time.Time { return time.Time{} }
func (f *openFile) IsDir() bool        { return false }
func (f *openFile) Sys() any           { return nil }
