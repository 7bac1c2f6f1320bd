// Package recipes is the code that docs/libraries.md shows, compiled and tested.
package recipes
