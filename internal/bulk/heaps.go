package bulk

// pausedQueues is a heap of queues, the first pause that ends on top.
type pausedQueues []*partitionQueue

func (p pausedQueues) Len() int { return len(p) }

func (p pausedQueues) Less(i, j int) bool { return p[i].resume.Before(p[j].resume) }

func (p pausedQueues) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

func (p *pausedQueues) Push(x any) { *p = append(*p, x.(*partitionQueue)) }

func (p *pausedQueues) Pop() any {
	q := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return q
}

// delayed is a heap of operations, the first that is due on top.
type delayed []*Operation

func (d delayed) Len() int { return len(d) }

func (d delayed) Less(i, j int) bool { return d[i].due.Before(d[j].due) }

func (d delayed) Swap(i, j int) { d[i], d[j] = d[j], d[i] }

func (d *delayed) Push(x any) { *d = append(*d, x.(*Operation)) }

func (d *delayed) Pop() any {
	o := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return o
}
