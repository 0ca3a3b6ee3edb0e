# The switch keeps its shape: from mcall to gogo each function ends in a jump to the next, never a call, or the CPU's stack of
# return addresses is out of step and each switch pays for it; and functions of which HACKING.md says that they lock
# nothing have no locked instruction anywhere. (t_cost counts those that others execute.)
# SAN: no-address no-undefined no-thread no-hard (the plain build's instructions)
. "$GARN_SRC/tests/sh.inc"
command -v objdump >/dev/null 2>&1 || skip "no objdump"
tr ' ' '\n' <"$GARN_O/flags" | grep -e '^-O' | tail -n 1 | grep -qx -e '-O[23]' || skip "not built with -O2"

# FUNCTION INSTRUCTION; a function's parts, such as schedule.cold, count as it
objdump -d --no-show-raw-insn "$GARN_O/libgarn.so" |
	awk '/^[0-9a-f]+ <.*>:$/ { f = $2; gsub(/[<>:]|\..*/, "", f); next } f { sub(/^[^\t]*\t/, ""); print f "\t" $0 }' >code

for f in park_m yield_m goexit0 schedule execute; do
	grep -q "^$f	" code || { no "there is no function $f any more"; continue; }
	grep "^$f	call.*<\(schedule\|execute\|gogo\|gostart\)>" code >calls || true
	[ ! -s calls ] || no "$f calls where it has to jump: $(cat calls)"
	grep -q "^$f	jmp.*<\(schedule\|execute\|gogo\|gostart\)>" code || no "$f ends in no jump to the next"
done

for f in gopark park_m mcall execute gogo gostart garn_chan_len garn_chan_cap garn_goid; do
	grep -q "^$f	" code || { no "there is no function $f any more"; continue; }
	grep -e "^$f	.*\<lock\>" -e "^$f	xchg.*(" code >locked || true
	[ ! -s locked ] || no "$f has locked instructions: $(cat locked)"
done
done_testing
