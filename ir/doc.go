// Package ir is a program lowered once, for all engines.
package ir
