package ui

// The palettes. Contrast against the usual backgrounds (#000–#1e1e1e, #fff–#f5f5f5)
// is at least 4.5 : 1 for text and 3 : 1 for bars. No meaning hangs on colour alone: severities are
// words, bars have their own characters, and the cursor and focus have theirs.
var darkPalette = palette{
	inks: [numInks]paint{
		inkPlain:         {fg: shade{"#d0d7de", "252", ""}},
		inkDim:           {fg: shade{"#8b949e", "246", "7"}},
		inkStrong:        {fg: shade{"#f0f6fc", "255", "15"}, bold: true},
		inkAccent:        {fg: shade{"#79c0ff", "117", "14"}, bold: true},
		inkCritical:      {fg: shade{"#ff7b72", "210", "9"}, bold: true},
		inkWarning:       {fg: shade{"#e3b341", "179", "11"}, bold: true},
		inkNotice:        {fg: shade{"#79c0ff", "117", "14"}},
		inkOK:            {fg: shade{"#7ee787", "114", "10"}},
		inkTimeWait:      {fg: shade{"#f0883e", "209", "3"}},
		inkOther:         {fg: shade{"#58a6ff", "75", "12"}},
		inkReusable:      {fg: shade{"#56d364", "77", "2"}},
		inkBack:          {fg: shade{"#56d364", "77", "2"}},
		inkBadgeCritical: {fg: shade{"#ffffff", "231", "15"}, bg: shade{"#da3633", "160", "1"}, bold: true},
		inkBadgeWarning:  {fg: shade{"#1c1400", "16", "0"}, bg: shade{"#e3b341", "179", "3"}, bold: true},
		inkBadgeNotice:   {fg: shade{"#00131f", "16", "0"}, bg: shade{"#79c0ff", "117", "6"}, bold: true},
		inkBadgeOK:       {fg: shade{"#04150a", "16", "0"}, bg: shade{"#56d364", "77", "2"}, bold: true},
		inkBadge:         {fg: shade{"#0d1117", "16", "0"}, bg: shade{"#c9d1d9", "252", "7"}, bold: true},
	},
	lit: paint{bg: shade{"#24364d", "237", ""}},
}

var lightPalette = palette{
	inks: [numInks]paint{
		inkPlain:         {fg: shade{"#24292f", "235", "0"}},
		inkDim:           {fg: shade{"#57606a", "241", "8"}},
		inkStrong:        {fg: shade{"#0d1117", "16", "0"}, bold: true},
		inkAccent:        {fg: shade{"#0550ae", "25", "4"}, bold: true},
		inkCritical:      {fg: shade{"#b42318", "124", "1"}, bold: true},
		inkWarning:       {fg: shade{"#7d4e00", "94", "5"}, bold: true},
		inkNotice:        {fg: shade{"#0550ae", "25", "4"}},
		inkOK:            {fg: shade{"#116329", "22", "2"}},
		inkTimeWait:      {fg: shade{"#bc4c00", "130", "5"}},
		inkOther:         {fg: shade{"#0969da", "26", "4"}},
		inkReusable:      {fg: shade{"#1a7f37", "28", "2"}},
		inkBack:          {fg: shade{"#1a7f37", "28", "2"}},
		inkBadgeCritical: {fg: shade{"#ffffff", "231", "15"}, bg: shade{"#b42318", "124", "1"}, bold: true},
		inkBadgeWarning:  {fg: shade{"#1c1400", "16", "0"}, bg: shade{"#f2c037", "214", "3"}, bold: true},
		inkBadgeNotice:   {fg: shade{"#ffffff", "231", "15"}, bg: shade{"#0550ae", "25", "4"}, bold: true},
		inkBadgeOK:       {fg: shade{"#ffffff", "231", "15"}, bg: shade{"#116329", "22", "2"}, bold: true},
		inkBadge:         {fg: shade{"#ffffff", "231", "15"}, bg: shade{"#424a53", "239", "8"}, bold: true},
	},
	lit: paint{bg: shade{"#d8e8fb", "153", ""}},
}

// monoPalette has weight and reversal, which NO_COLOR allows, and no colour.
var monoPalette = palette{
	inks: [numInks]paint{
		inkStrong:        {bold: true},
		inkAccent:        {bold: true},
		inkCritical:      {bold: true},
		inkWarning:       {bold: true},
		inkBadgeCritical: {bold: true, reverse: true},
		inkBadgeWarning:  {bold: true, reverse: true},
		inkBadgeNotice:   {reverse: true},
		inkBadgeOK:       {reverse: true},
		inkBadge:         {reverse: true},
	},
	lit: paint{reverse: true},
}
