// Package tune plans changes of sysctls for a host that runs, applies them and
// puts them back, inside the network namespace that is looked at: it finds out
// who asks and where, what package sysctl has to know and may not ask itself.
package tune
