package cosmos

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// LogThresholds are what makes an operation worth a warning. Zero is none.
type LogThresholds struct {
	Slow time.Duration // from begin to end, pauses included
	Dear float64       // RU
}

// LogTracer is a [Tracer] that writes to a logger, a line for each operation and attempt:
//
//   - an operation that failed: Error; but one with an answer that programs ask for (404, 409, 412) Info,
//   - an operation above one of the thresholds: Warn,
//   - any other operation: Debug,
//   - an attempt that failed, also if the operation succeeded by a later one: Info,
//   - any other attempt: Debug.
//
// The lines have the names of operation, database and container, status, request charge (ru), duration, attempts,
// regions and activity id; never a document, a parameter or a secret. A nil logger is slog.Default.
func LogTracer(logger *slog.Logger, thresholds ...LogThresholds) Tracer {
	if logger == nil {
		logger = slog.Default()
	}
	t := logTracer{logger: logger}
	for _, limits := range thresholds {
		t.limits = limits
	}
	return t
}

type logTracer struct {
	logger *slog.Logger
	limits LogThresholds
}

func (t logTracer) OperationBegins(ctx context.Context, _ OperationBegin) context.Context { return ctx }

func (t logTracer) OperationEnds(ctx context.Context, e OperationEnd) {
	level := slog.LevelDebug
	switch {
	case errors.Is(e.Err, ErrNotFound), errors.Is(e.Err, ErrConflict), errors.Is(e.Err, ErrPreconditionFailed):
		level = slog.LevelInfo
	case e.Err != nil:
		level = slog.LevelError
	case t.limits.Slow > 0 && e.Duration > t.limits.Slow, t.limits.Dear > 0 && e.RequestCharge > t.limits.Dear:
		level = slog.LevelWarn
	}
	if !t.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 14)
	add := func(name string, value any, said bool) {
		if said {
			attrs = append(attrs, slog.Any(name, value))
		}
	}
	add("operation", e.Name, true)
	add("database", e.Database, e.Database != "")
	add("container", e.Container, e.Container != "")
	add("batch_size", e.BatchSize, e.BatchSize > 0)
	add("status", e.StatusCode, e.StatusCode != 0)
	add("substatus", e.SubStatus, e.SubStatus != 0)
	add("ru", e.RequestCharge, e.RequestCharge != 0)
	add("rows", e.Rows, e.Rows > 0)
	add("duration", e.Duration, true)
	add("attempts", e.Attempts, e.Attempts != 1)
	add("regions", e.Regions, len(e.Regions) > 0)
	add("activity_id", e.ActivityID, e.ActivityID != "")
	add("error", e.Err, e.Err != nil)
	t.logger.LogAttrs(ctx, level, "cosmos operation", attrs...)
}

func (t logTracer) AttemptBegins(ctx context.Context, _ AttemptBegin) context.Context { return ctx }

func (t logTracer) AttemptEnds(ctx context.Context, e AttemptEnd) {
	level := slog.LevelDebug
	if e.Err != nil || e.StatusCode >= 400 {
		level = slog.LevelInfo
	}
	if !t.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", e.Method), slog.String("host", e.Host), slog.Int("number", e.Number),
		slog.Int("status", e.StatusCode),
		slog.Int("substatus", e.SubStatus), slog.Float64("ru", e.RequestCharge), slog.Duration("duration", e.Duration),
		slog.Int("request_bytes", e.RequestBytes), slog.Int("response_bytes", e.ResponseBytes),
		slog.String("activity_id", e.ActivityID),
	}
	if e.Region != "" {
		attrs = append(attrs, slog.String("region", e.Region))
	}
	if e.Hedge > 0 {
		attrs = append(attrs, slog.Int("hedge", e.Hedge))
	}
	if len(e.Avoided) > 0 {
		attrs = append(attrs, slog.Any("avoided_regions", e.Avoided))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	t.logger.LogAttrs(ctx, level, "cosmos attempt", attrs...)
}
