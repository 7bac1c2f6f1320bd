module github.com/cosmossql/cosmossql/examples/sqlx

go 1.26.0

replace github.com/cosmossql/cosmossql => ../..

require (
	github.com/cosmossql/cosmossql v0.0.0-00010101000000-000000000000
	github.com/jmoiron/sqlx v1.4.0
)

require (
	github.com/blevesearch/snowballstem v0.9.0 // indirect
	github.com/dlclark/regexp2 v1.12.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/golang/geo v0.0.0-20260818125358-b200a1149890 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/peterstace/simplefeatures v0.50.0 // indirect
	golang.org/x/sync v0.25.0 // indirect
)
