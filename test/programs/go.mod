module github.com/cosmossql/cosmossql/test/programs

go 1.26.0

replace github.com/cosmossql/cosmossql => ../..

require (
	github.com/cosmossql/cosmossql v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/Masterminds/squirrel v1.5.4 // indirect
	github.com/blevesearch/snowballstem v0.9.0 // indirect
	github.com/dlclark/regexp2 v1.12.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/golang/geo v0.0.0-20260818125358-b200a1149890 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/lann/builder v0.0.0-20180802200727-47ae307949d0 // indirect
	github.com/lann/ps v0.0.0-20150810152359-62de8c46ede0 // indirect
	github.com/peterstace/simplefeatures v0.50.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.25.0 // indirect
)
