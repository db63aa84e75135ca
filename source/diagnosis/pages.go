package diagnosis

// The pages of `twtop explain` that tell how a remedy is applied: a finding's
// own page has the finding's id.
const (
	PageKeepalive         = "keepalive" // any client: keep connections open and use them again
	PageNginx             = "nginx"
	PagePython            = "python"
	PageNode              = "node"
	PageGo                = "go"
	PageJava              = "java"
	PagePHP               = "php"
	PageDatabasePools     = "database-pools"
	PageRedis             = "redis"
	PageHAProxy           = "haproxy"
	PageEnvoy             = "envoy"
	PageAddresses         = "addresses"            // more source or destination addresses
	PageBindAddressNoPort = "bind-address-no-port" // IP_BIND_ADDRESS_NO_PORT
	PageLoadBalancer      = "load-balancer"        // idle time-outs of a server and what is before it
	PageNoFile            = "nofile"               // open files of a process
	PageConntrack         = "conntrack"
	PageNATKeepalive      = "nat-keepalive" // idle connections through NATs and balancers
)
