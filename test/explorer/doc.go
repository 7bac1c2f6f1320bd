// Package explorer holds the explorer of the in-process server against a browser: headless Chromium, where there is one
// (apt-get install chromium). With COSMOS_EXPLORER_SHOTS=../../docs it writes the screenshots that the documentation
// shows.
package explorer
