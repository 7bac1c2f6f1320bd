// Package gocosmos shows that a program written for github.com/microsoft/gocosmos runs on our driver: a whole program
// in library, and every form that gocosmos's statements have.
package gocosmos
