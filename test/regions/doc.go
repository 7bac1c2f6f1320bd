// Package regions holds the client against an account whose regions lag, fail over, come and go.
package regions
