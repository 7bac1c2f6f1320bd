package cosmostest

import "github.com/cosmossql/cosmossql/internal/emulator/script"

// ScriptEngine runs JavaScript. The one that there is comes with cosmos/cosmostest/script.
type ScriptEngine = script.Engine

// RunScripts gives a server the engine for stored procedures, triggers and user-defined functions, which without one
// are kept and not run. It is what script.JavaScript of cosmos/cosmostest/script uses: an engine makes a program some
// megabytes larger, so it is linked only where that package is imported. operations is how many operations a script may
// do until createDocument and the like return false; 0 is any number.
func RunScripts(e ScriptEngine, operations int) Option {
	return func(c *config) { c.scripts, c.scriptOps = e, operations }
}
