package rest

// Kind is a resource type, by its segment in paths and in the text to sign.
type Kind string

// The resource types of an account.
const (
	Account     Kind = ""
	Databases   Kind = "dbs"
	Containers  Kind = "colls"
	Documents   Kind = "docs"
	Ranges      Kind = "pkranges"
	Offers      Kind = "offers"
	Procedures  Kind = "sprocs"
	Triggers    Kind = "triggers"
	Functions   Kind = "udfs"
	Users       Kind = "users"
	Permissions Kind = "permissions"
	Conflicts   Kind = "conflicts"
)
