// Package ai holds stores for AI programs (package store), the adapters that put them behind the interfaces of
// langchaingo and Genkit (packages langchain and genkit), and two programs that use them (search and chat). docs/ai.md
// tells how. This package itself only tests what that page shows.
package ai
