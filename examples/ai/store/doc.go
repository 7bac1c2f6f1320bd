// Package store keeps what AI programs remember in Azure Cosmos DB: documents with vectors ([Vectors]), the messages of
// chats ([History]), answers that fit similar questions ([Cache]) and the state of agents ([Checkpoints]). It knows no
// framework: packages langchain and genkit beside it put these stores behind the interfaces of theirs.
//
// Each store works on a container that a function here describes, such as [VectorContainer.Properties], so that
//
//	definition := store.VectorContainer{ID: "notes", Dimensions: 1536, Fields: []string{"lang"}, Language: "en-US"}
//	_, err := db.CreateContainerIfNotExists(ctx, definition.Properties())
//	notes, err := store.OpenVectors(ctx, db.Container("notes"), embedder)
//
// is all it takes. Opening a store reads the container's definition: a container that does not fit is an error that
// says what to create. All stores are safe for concurrent use.
package store
