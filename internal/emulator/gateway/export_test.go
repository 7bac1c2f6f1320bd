package gateway

// HoldQueryMemory takes bytes of the memory of all queries, as one that runs does.
func (g *Gateway) HoldQueryMemory(bytes int) (release func(), err error) {
	share := g.memory.Share()
	return func() { share.Release() }, share.Add(bytes)
}

// QueryMemoryTaken is what queries and kept results hold.
func (g *Gateway) QueryMemoryTaken() int64 { return g.memory.Taken() }
