package eval

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var dateTimeCases = []exprCase{
	{"DateTimeAdd('yyyy', 1, '2024-02-29')", `"2025-02-28T00:00:00.0000000Z"`},
	{"DateTimeAdd('year', -4, '2024-02-29')", `"2020-02-29T00:00:00.0000000Z"`},
	{"DateTimeAdd('mm', 1, '2024-01-31')", `"2024-02-29T00:00:00.0000000Z"`},
	{"DateTimeAdd('month', -1, '2024-01-15')", `"2023-12-15T00:00:00.0000000Z"`},
	{"DateTimeAdd('m', 25, '2024-01-15T01:02:03.5Z')", `"2026-02-15T01:02:03.5000000Z"`},
	{"DateTimeAdd('dd', 1, '2024-02-28')", `"2024-02-29T00:00:00.0000000Z"`},
	{"DateTimeAdd('d', -1, '2024-01-01')", `"2023-12-31T00:00:00.0000000Z"`},
	{"DateTimeAdd('hh', 1, '2024-01-01 23:30:00')", `"2024-01-02T00:30:00.0000000Z"`},
	{"DateTimeAdd('mi', -1, '2024-01-01')", `"2023-12-31T23:59:00.0000000Z"`},
	{"DateTimeAdd('n', 1, '2024-01-01')", `"2024-01-01T00:01:00.0000000Z"`},
	{"DateTimeAdd('ss', 90, '2024-01-01')", `"2024-01-01T00:01:30.0000000Z"`},
	{"DateTimeAdd('ms', 1, '2024-01-01')", `"2024-01-01T00:00:00.0010000Z"`},
	{"DateTimeAdd('mcs', 1, '2024-01-01')", `"2024-01-01T00:00:00.0000010Z"`},
	{"DateTimeAdd('ns', 100, '2024-01-01')", `"2024-01-01T00:00:00.0000001Z"`},
	{"DateTimeAdd('ns', 199, '2024-01-01')", `"2024-01-01T00:00:00.0000001Z"`},
	{"DateTimeAdd('DD', 1, '2024-01-01')", `"2024-01-02T00:00:00.0000000Z"`},
	{"DateTimeAdd('dd', 1, '9999-12-31')", ""},
	{"DateTimeAdd('yyyy', -1, '0001-01-01')", ""},
	{"DateTimeAdd('yyyy', 9223372036854775807, '2024-01-01')", ""},
	{"DateTimeAdd('dd', 9223372036854775807, '2024-01-01')", ""},
	{"DateTimeAdd('week', 1, '2024-01-01')", ""},
	{"DateTimeAdd('dd', 1.5, '2024-01-01')", ""},
	{"DateTimeAdd('dd', 1, '2024-1-1')", ""},
	{"DateTimeAdd('dd', 1, 20240101)", ""},
	{"DateTimeAdd('dd', null, '2024-01-01')", ""},
	{"DateTimeAdd(undefined, 1, '2024-01-01')", ""},

	{"DateTimeBin('2024-03-06T10:52:00Z', 'mi', 15)", `"2024-03-06T10:45:00.0000000Z"`},
	{"DateTimeBin('2024-03-06T10:52:00Z', 'hh')", `"2024-03-06T10:00:00.0000000Z"`},
	{"DateTimeBin('2021-01-08T18:35:00Z', 'hh', 5)", `"2021-01-08T15:00:00.0000000Z"`},
	{"DateTimeBin('2021-01-08T18:35:00Z', 'dd', 7)", `"2021-01-07T00:00:00.0000000Z"`},
	{"DateTimeBin('2021-01-08T18:35:00Z', 'dd', 7, '1601-01-01')", `"2021-01-04T00:00:00.0000000Z"`},
	{"DateTimeBin('1969-12-31T23:59:59Z', 'dd')", `"1969-12-31T00:00:00.0000000Z"`},
	{"DateTimeBin('2021-01-08T18:35:00.1234567Z', 'ms', 1)", `"2021-01-08T18:35:00.1230000Z"`},
	{"DateTimeBin('2021-01-08', 'dd', 7, '1600-01-01')", ""},
	{"DateTimeBin('2021-01-08', 'mm', 1)", ""},
	{"DateTimeBin('2021-01-08', 'yyyy', 1)", ""},
	{"DateTimeBin('2021-01-08', 'dd', 0)", ""},
	{"DateTimeBin('2021-01-08', 'dd', -1)", ""},
	{"DateTimeBin('2021-01-08T18:35:00.1234567Z', 'ns')", `"2021-01-08T18:35:00.1234567Z"`},
	{"DateTimeBin('2021-01-08T18:35:00.1234567Z', 'ns', 1000)", `"2021-01-08T18:35:00.1234560Z"`},
	{"DateTimeBin('2021-01-08T18:35:00.1234567Z', 'ns', 1, '2021-01-09')", `"2021-01-08T18:35:00.1234567Z"`},
	{"DateTimeBin('1970-01-01T00:00:00.0000002Z', 'ns', 150)", `"1970-01-01T00:00:00.0000001Z"`},
	{"DateTimeBin('1969-12-31T23:59:59.9999999Z', 'ns', 150)", `"1969-12-31T23:59:59.9999998Z"`},
	{"DateTimeBin('2021-01-08T18:35:00Z', 'ns', 86400000000000)", `"2021-01-08T00:00:00.0000000Z"`},
	{"DateTimeBin('2021-01-08', 'ns', 0)", ""},
	{"DateTimeBin('nope', 'dd')", ""},
	{"DateTimeBin('2021-01-08', null)", ""},
	{"DateTimeBin('2021-01-08', 'dd', undefined)", ""},

	{"DateTimeDiff('yyyy', '2019-12-31', '2020-01-01')", "1"},
	{"DateTimeDiff('yyyy', '2019-02-04T16:00:00Z', '2018-03-05T05:00:00Z')", "-1"},
	{"DateTimeDiff('mm', '2019-02-04T16:00:00Z', '2018-03-05T05:00:00Z')", "-11"},
	{"DateTimeDiff('hh', '2019-02-04T16:00:00Z', '2018-03-05T05:00:00Z')", "-8075"},
	{"DateTimeDiff('ss', '2019-02-04T16:00:00Z', '2018-03-05T05:00:00Z')", "-29070000"},
	{"DateTimeDiff('dd', '2024-01-01T23:59:59Z', '2024-01-02T00:00:00Z')", "1"},
	{"DateTimeDiff('dd', '1969-12-31T23:59:59Z', '1970-01-01T00:00:00Z')", "1"},
	{"DateTimeDiff('hh', '2024-01-01T00:00:00Z', '2024-01-01T00:59:59Z')", "0"},
	{"DateTimeDiff('ms', '2024-01-01', '2024-01-01T00:00:00.0019999Z')", "1"},
	{"DateTimeDiff('mcs', '2024-01-01', '2024-01-01T00:00:00.001Z')", "1000"},
	{"DateTimeDiff('ns', '2024-01-01', '2024-01-01T00:00:00.0000001Z')", "100"},
	{"DateTimeDiff('dd', '2024-01-01', 'nope')", ""},
	{"DateTimeDiff('xx', '2024-01-01', '2024-01-02')", ""},
	{"DateTimeDiff('dd', 1, 2)", ""},
	{"DateTimeDiff('dd', null, '2024-01-02')", ""},
	{"DateTimeDiff('dd', '2024-01-01', undefined)", ""},

	{"DateTimeFormat('2024-10-10 14:40:20', 'yyyyMMdd')", `"20241010"`},
	{"DateTimeFormat('2024-10-10 14:40:20', 'yyyy-MM-dd [HH:mm:ss]')", `"2024-10-10 [14:40:20]"`},
	{"DateTimeFormat('2024-10-10 14:40:20', '.fff')", `".000"`},
	{"DateTimeFormat('2024-10-10 14:40:20', '.FFF')", `"."`},
	{"DateTimeFormat('2024-03-06 04:05:06.1234567', 'd/M/yy H:m:s f fffffff FF')", `"6/3/24 4:5:6 1 1234567 12"`},
	{"DateTimeFormat('2024-03-06 14:05:06.12', 'h:mm tt FFFF')", `"2:05 PM 12"`},
	{"DateTimeFormat('2024-03-06 00:05:06', 'H hh')", `"0 12"`},
	{"DateTimeFormat('2024-03-06', '\\\\yyyyy Q')", `"y2024 Q"`},
	{"DateTimeFormat('2024-03-06', '')", `""`},
	{"DateTimeFormat('nope', 'yyyy')", ""},
	{"DateTimeFormat(1, 'yyyy')", ""},
	{"DateTimeFormat('2024-03-06', null)", ""},
	{"DateTimeFormat('2024-03-06', undefined)", ""},

	{"DateTimeFromParts(2024, 2, 29)", `"2024-02-29T00:00:00.0000000Z"`},
	{"DateTimeFromParts(2024, 2, 29, 12, 30, 45, 1234567)", `"2024-02-29T12:30:45.1234567Z"`},
	{"DateTimeFromParts(2024, 2, 29, 12, 30, 45, 10000000)", ""},
	{"DateTimeFromParts(2023, 2, 29)", ""},
	{"DateTimeFromParts(2024, 0, 1)", ""},
	{"DateTimeFromParts(2024, 1, 1, 24)", ""},
	{"DateTimeFromParts(-1, 1, 1)", ""},
	{"DateTimeFromParts(9223372036854775807, 1, 1)", ""},
	{"DateTimeFromParts(2024, 1.5, 1)", ""},
	{"DateTimeFromParts('2024', 1, 1)", ""},
	{"DateTimeFromParts(2024, null, 1)", ""},
	{"DateTimeFromParts(2024, 1, undefined)", ""},

	{"DateTimePart('yyyy', '2024-03-06T10:52:07.1301617Z')", "2024"},
	{"DateTimePart('mm', '2024-03-06T10:52:07.1301617Z')", "3"},
	{"DateTimePart('dd', '2024-03-06T10:52:07.1301617Z')", "6"},
	{"DateTimePart('hh', '2024-03-06T10:52:07.1301617Z')", "10"},
	{"DateTimePart('mi', '2024-03-06T10:52:07.1301617Z')", "52"},
	{"DateTimePart('ss', '2024-03-06T10:52:07.1301617Z')", "7"},
	{"DateTimePart('ms', '2024-03-06T10:52:07.1301617Z')", "130"},
	{"DateTimePart('mcs', '2024-03-06T10:52:07.1301617Z')", "130161"},
	{"DateTimePart('ns', '2024-03-06T10:52:07.1301617Z')", "130161700"},
	{"DateTimePart('quarter', '2024-03-06')", ""},
	{"DateTimePart('mm', 'nope')", ""},
	{"DateTimePart('mm', null)", ""},
	{"DateTimePart(undefined, '2024-03-06')", ""},
	{"DateTimePart(1, '2024-03-06')", ""},
	{"Day('2024-03-06')", "6"},
	{"Day('06.03.2024')", ""},
	{"Day(null)", ""},
	{"Day(undefined)", ""},
	{"Month('2024-03-06')", "3"},
	{"Month(null)", ""},
	{"Month(undefined)", ""},
	{"Month(3)", ""},
	{"Year('2024-03-06')", "2024"},
	{"Year(null)", ""},
	{"Year(undefined)", ""},
	{"Year(2024)", ""},

	{"DateTimeToTicks('1970-01-01T00:00:01Z')", "10000000"},
	{"DateTimeToTicks('1969-12-31T23:59:59Z')", "-10000000"},
	{"DateTimeToTicks('2024-03-01')", "17092512000000000"},
	{"DateTimeToTicks('0001-01-01')", "-621355968000000000"},
	{"DateTimeToTicks('nope')", ""},
	{"DateTimeToTicks(1)", ""},
	{"DateTimeToTicks(null)", ""},
	{"DateTimeToTicks(undefined)", ""},
	{"DateTimeToTimestamp('1970-01-01T00:00:01.9999Z')", "1999"},
	{"DateTimeToTimestamp('2024-03-01')", "1709251200000"},
	{"DateTimeToTimestamp('nope')", ""},
	{"DateTimeToTimestamp(1)", ""},
	{"DateTimeToTimestamp(null)", ""},
	{"DateTimeToTimestamp(undefined)", ""},
	{"TicksToDateTime(0)", `"1970-01-01T00:00:00.0000000Z"`},
	{"TicksToDateTime(17092512000000001)", `"2024-03-01T00:00:00.0000001Z"`},
	{"TicksToDateTime(-1)", `"1969-12-31T23:59:59.9999999Z"`},
	{"TicksToDateTime(9223372036854775807)", ""},
	{"TicksToDateTime(0.5)", ""},
	{"TicksToDateTime('0')", ""},
	{"TicksToDateTime(null)", ""},
	{"TicksToDateTime(undefined)", ""},
	{"TimestampToDateTime(1000)", `"1970-01-01T00:00:01.0000000Z"`},
	{"TimestampToDateTime(-11644473600000)", `"1601-01-01T00:00:00.0000000Z"`},
	{"TimestampToDateTime(9223372036854775807)", ""},
	{"TimestampToDateTime(1.5)", ""},
	{"TimestampToDateTime('0')", ""},
	{"TimestampToDateTime(null)", ""},
	{"TimestampToDateTime(undefined)", ""},
}

func TestDateTimeFunctions(t *testing.T) {
	t.Parallel()
	checkExprs(t, dateTimeCases)
}

// tickingClock moves on by a second each time it is read.
func tickingClock() func() time.Time {
	at := time.Date(2024, 3, 6, 10, 52, 0, 123456700, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, expr string
		want       []string
	}{
		{"moves", "GetCurrentDateTime()", []string{`"2024-03-06T10:52:01.1234567Z"`, `"2024-03-06T10:52:02.1234567Z"`}},
		{"now", "Now()", []string{`"2024-03-06T10:52:01.1234567Z"`, `"2024-03-06T10:52:02.1234567Z"`}},
		{"ticks", "GetCurrentTicks()", []string{"17097223211234567", "17097223221234567"}},
		{"timestamp", "GetCurrentTimestamp()", []string{"1709722321123", "1709722322123"}},
		{"static", "GetCurrentDateTimeStatic()",
			[]string{`"2024-03-06T10:52:01.1234567Z"`, `"2024-03-06T10:52:01.1234567Z"`}},
		{"static ticks", "GetCurrentTicksStatic()", []string{"17097223211234567", "17097223211234567"}},
		{"static timestamp", "GetCurrentTimestampStatic()", []string{"1709722321123", "1709722321123"}},
		{"now and a part", "Now('yyyy', 1)",
			[]string{`"2025-03-06T10:52:01.1234567Z"`, `"2025-03-06T10:52:02.1234567Z"`}},
		{"now, back", "NOW('ss', -30)", []string{`"2024-03-06T10:51:31.1234567Z"`, `"2024-03-06T10:51:32.1234567Z"`}},
		{"now and milliseconds", "Now('ms', 4)",
			[]string{`"2024-03-06T10:52:01.1274567Z"`, `"2024-03-06T10:52:02.1274567Z"`}},
		{"now, no part", "Now('x', 1)", []string{}},
		{"now, fraction", "Now('dd', 1.5)", []string{}},
		{"ago", "Ago('dd', 1)", []string{`"2024-03-05T10:52:01.1234567Z"`, `"2024-03-05T10:52:02.1234567Z"`}},
		{"ago, forward", "Ago('mm', -1)", []string{`"2024-04-06T10:52:01.1234567Z"`, `"2024-04-06T10:52:02.1234567Z"`}},
		{"ago, too far", "Ago('yyyy', 5000)", []string{}},
		{"ago, smallest integer", "Ago('dd', -9223372036854775808)", []string{}},
		{"ago, no part", "Ago('x', 1)", []string{}},
		{"ago, fraction", "Ago('dd', 1.5)", []string{}},
		{"ago, null", "Ago('dd', null)", []string{}},
		{"ago, undefined", "Ago(undefined, 1)", []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rows := mustEvaluate(t, "SELECT VALUE "+tc.expr+" FROM c", documents(t, "{}\n{}"),
				Options{Now: tickingClock()})
			require.Equal(t, tc.want, rows)
		})
	}
}

func TestDateTimeRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0001-01-01T00:00:00.0000000Z", "1600-02-29T23:59:59.9999999Z", "1969-12-31T23:59:59.9999999Z",
		"2024-02-29T12:30:45.1234567Z", "9999-12-31T23:59:59.9999999Z",
	} {
		at, ok := parseDateTime(text)
		require.True(t, ok, text)
		require.Equal(t, text, at.String())
	}
}
