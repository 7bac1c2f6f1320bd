package gateway

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// withStatistics adds what the partitions hold to a container's JSON. Their largest keys are not sampled. Appended to
// the text of the definition, whose members stay as they were sent; the form is PROTOCOL.md 1.4's.
func withStatistics(container []byte, marks []store.Mark) []byte {
	b := append(container[:len(container)-1:len(container)-1], `,"statistics":[`...)
	for i, m := range marks {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b,
			`{"id":"%s","sizeInKB":%d,"documentCount":%d,"sampledDistinctPartitionKeyCount":%d,"partitionKeys":[]}`,
			m.Range, (m.Bytes+1023)/1024, m.Count, m.Keys)
	}
	return append(b, "]}"...)
}
