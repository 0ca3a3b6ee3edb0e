# Everything garn.h offers stands in a page of the manual: functions as well as the macros users write. garn(7) and
# README.md name every page, every page is whole, and every message of a death that pages quote is one that the source has.
# SAN: no-address no-undefined no-thread no-hard (the same pages)
. "$GARN_SRC/tests/sh.inc"
: "${NM:=nm}"
pages=$(ls "$GARN_SRC"/man/*.[137])

# Not for users: what the macros call, and what errno stands for.
inner='garn_main|garn_spawn_stubs|garn_errno_location|garn_.*_'
{
	$NM -D --defined-only "$GARN_O/libgarn.so" | sed 's/.* //; s/@.*//' | grep '^garn_' | grep -vxE "$inner"
	sed -n -e 's/^#define \(go\|go_with\|chan\|chan_[a-z_]*\|on_[a-z]*\|garn_[a-z_]*[a-z]\)\((.*\| .*\)$/\1/p' \
		-e 's/^#define \(GARN_[A-Z]*\)(.*/\1/p' "$GARN_SRC/include/garn.h" |
		grep -vxE 'garn_(fnaddr|novoid|isvoid|noreturn|size|align|.*[0-9]).*'
} | sort -u >names
[ "$(wc -l <names)" -gt 60 ] || no "found only these names: $(cat names)"
while read -r name; do
	grep -qE "^\.(Nm|Fn|It Fn|Li) $name( |\$)" $pages || no "in no page of the manual: $name"
done <names

for page in $pages; do
	base=${page##*/}
	name=${base%.*} section=${base##*.}
	for in in "$GARN_SRC/README.md" "$GARN_SRC/man/garn.7"; do
		[ "$in" = "$page" ] || grep -qE "$name\($section\)|\.Xr $name $section" "$in" || no "$in does not name $name($section)"
	done
	for part in NAME SYNOPSIS DESCRIPTION 'SEE ALSO'; do
		grep -q "^\.Sh $part\$" "$page" || no "$base has no $part"
	done
	if [ "$section" = 3 ]; then
		for part in ERRORS EXAMPLES; do
			grep -q "^\.Sh $part\$" "$page" || no "$base has no $part"
		done
		grep -qE '^\.S[hs] Parking and threads$' "$page" || no "$base does not say who may park, and from where it may be called"
	fi
done

# A message in garn(7) up to the first dots, as a literal of the source; those on variables are put together there.
sed -n 's/^\.It Li \(panic\|fatal error\): //p' "$GARN_SRC/man/garn.7" | sed 's/, fatal error: .*//; s/ *\.\.\..*//; /^GARN_/d' >messages
[ -s messages ] || no "garn.7 has no messages"
find "$GARN_SRC/src" -name '*.[ch]' -exec cat {} + | tr -d '\n' | sed 's/"[ 	]*"//g' >source
while read -r text; do
	grep -qF -- "$text" source || no "nobody says '$text', but garn.7 does"
done <messages
done_testing
