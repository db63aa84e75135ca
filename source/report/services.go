package report

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

func writeServices(p *page, all []diagnosis.Service) {
	if len(all) == 0 {
		return
	}
	p.title("Services, the fullest accept queue first")
	const columns = "  %8s %8s %7s %9s %10s"
	rows := []tableRow{{fmt.Sprintf(columns, "ACCEPT-Q", "BACKLOG", "ESTAB", "TIME-WAIT", "CLOSE-WAIT"), ""}}
	for i := range all[:min(rowsShown, len(all))] {
		s := &all[i]
		rows = append(rows, tableRow{fmt.Sprintf(columns, maybe(s.AcceptQueue), maybe(s.Backlog),
			count(int(s.States[source.StateEstablished])), count(int(s.States[source.StateTimeWait])),
			count(int(s.States[source.StateCloseWait]))), serviceName(s)})
	}
	writeTable(p, rows)
	writeMore(p, len(all), "service")
}

func serviceName(s *diagnosis.Service) string {
	name := s.Local.String()
	if s.Device != 0 {
		name += fmt.Sprintf(" on device %d", s.Device)
	}
	switch {
	case s.Gone:
		name += ", nobody listens any more"
	case s.Sockets > 1 && s.WorstQueue != nil && *s.WorstQueue > 0:
		name += fmt.Sprintf(", %d listening sockets, the fullest %s of %s", s.Sockets, count(*s.WorstQueue), count(*s.WorstBacklog))
	case s.Sockets > 1:
		name += fmt.Sprintf(", %d listening sockets", s.Sockets)
	}
	return name
}
