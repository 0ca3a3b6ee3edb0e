#!/bin/sh
# go against the compiler's own idea of a call: prototypes made up at random (scalars, structs of all classes, results,
# variadic tails, conversions), each called plainly and then started by go; every argument is checked on arrival.
# GARN_SEED repeats a run, GARN_FUZZ is how many prototypes there are.
# TIMEOUT: 240
. "$GARN_SRC/tests/sh.inc"

seed=${GARN_SEED:-$(($(date +%s) % 100000))}
echo "seed $seed"
count=${GARN_FUZZ:-60}

generate() { # SEED COUNT
	awk -v seed="$1" -v count="$2" '
	function below(n) { return int(rand() * n) }
	function scalar() { return types[1 + below(ntypes)] }

	# A struct of scalars and small arrays, of at most 64 bytes or so; its number.
	function newstruct(	n, i, t, len, packed) {
		n = ++nstructs
		fields[n] = 1 + below(4)
		printf "struct s%d {\n", n
		for (i = 1; i <= fields[n]; i++) {
			t = scalar()
			while (size[t] > 8 && below(3))
				t = scalar()
			len = below(3) ? 1 : 1 + below(5)
			if (size[t] * len > 24)
				len = 1
			flen[n, i] = len
			ftype[n, i] = t
			printf "\t%s f%d[%d];\n", t, i, len
		}
		packed = !below(8)
		print packed ? "} __attribute__((packed));" : "};"
		bytes[n] = layout(n, packed)
		return n
	}

	# Its size, by the rules of the ABI.
	function layout(n, packed,	i, at, align, most) {
		most = 1
		at = 0
		for (i = 1; i <= fields[n]; i++) {
			align = packed ? 1 : size[ftype[n, i]]
			if (align > most)
				most = align
			at = up(at, align) + size[ftype[n, i]] * flen[n, i]
		}
		return up(at, most)
	}
	function up(x, align) { return int((x + align - 1) / align) * align }

	function field(n, i, j, base,	v) {
		v = (n * 7 + i * 5 + j * 3 + base) % 100
		return ftype[n, i] == "_Bool" ? v % 2 : v
	}

	function checkstruct(name, n, base,	i, j) {
		for (i = 1; i <= fields[n]; i++)
			for (j = 0; j < flen[n, i]; j++)
				printf "\tCHECK(%s.f%d[%d] == %d);\n", name, i, j, field(n, i, j, base)
	}

	function literal(n, base,	i, j, s) {
		s = "((struct s" n "){ "
		for (i = 1; i <= fields[n]; i++) {
			s = s (i > 1 ? ", " : "") "{ "
			for (j = 0; j < flen[n, i]; j++)
				s = s (j ? ", " : "") field(n, i, j, base)
			s = s " }"
		}
		return s " })"
	}

	# What is written at the call: the value, in some type or other.
	function value(v,	k, t) {
		k = below(5)
		t = scalar()
		return k == 0 ? v : k == 1 && t != "_Bool" ? "(" t ")" v : k == 2 ? v ".0" : k == 3 ? "(short)" v : "(char)" v
	}

	function promoted(t) { return t == "float" ? "double" : t ~ /char|short|_Bool/ ? "int" : t }

	function newfunction(f,	k, i, t, va, params, args, body, total, res, v, n, a, regs) {
		k = below(4) ? below(8) : below(16)
		regs = !below(4) # a few integers of the very types: go looks for these
		if (regs)
			k = below(7)
		va = !regs && k > 0 && below(5) == 0 ? 1 + below(k) : 0 # from this argument on, variadic
		res = results[1 + below(nresults)]
		total = 0
		# The structs come before the function.
		for (i = 1; i <= k; i++) {
			kind[i] = regs ? types[1 + below(nintegers)] : scalar()
			if (!regs && below(3) == 0)
				kind[i] = nstructs > 3 && below(2) ? 1 + below(nstructs) : newstruct()
			if (va && i >= va && kind[i] == "__int128")
				kind[i] = "long" # clang 14 does not find it again after the last register: a plain call fails, too
			total += kind[i] ~ /^[0-9]/ ? up(bytes[kind[i]], 8) : 16
			if (total > 248) { # as many as go takes, and room for one more
				k = i - 1
				if (va > k)
					va = 0
			}
		}
		params = ""
		args = ""
		for (i = 1; i <= k; i++) {
			v = 1 + below(99)
			val[i] = v
			if (kind[i] ~ /^[0-9]/) {
				t = "struct s" kind[i]
				a = literal(kind[i], v)
			} else {
				t = kind[i]
				if (t == "_Bool")
					v = val[i] = 1
				a = regs || va && i >= va ? "(" t ")" v : value(v)
			}
			if (!va || i < va)
				params = params (i > 1 ? ", " : "") t " a" i
			args = args ", " a
		}
		if (va == 1) { # at least one is named
			params = "int a0"
			args = ", 1" args
		}
		if (va)
			params = params ", ..."
		printf "static __attribute__((noinline)) %s f%d(%s)\n{\n", res, f, k == 0 && !va ? "void" : params
		if (va) {
			printf "\tva_list ap;\n\tva_start(ap, a%d);\n", va - 1
			for (i = va; i <= k; i++) {
				t = kind[i] ~ /^[0-9]/ ? "struct s" kind[i] : promoted(kind[i])
				printf "\t%s a%d = va_arg(ap, %s);\n", t, i, t
			}
			print "\tva_end(ap);"
		}
		for (i = 1; i <= k; i++)
			if (kind[i] ~ /^[0-9]/)
				checkstruct("a" i, kind[i], val[i])
			else
				printf "\tCHECK(a%d == %d);\n", i, val[i]
		printf "\t__atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED);\n\tgarn_waitgroup_done(&wg);\n"
		if (res != "void")
			printf "\treturn %s;\n", res ~ /struct/ ? "(" res "){ { 1 } }" : "(" res ")1"
		print "}"
		printf "static void g%d(void)\n{\n", f
		printf "\tgarn_waitgroup_add(&wg, 1);\n\t(void)f%d(%s);\n", f, substr(args, 3)
		printf "\tgarn_waitgroup_add(&wg, 2);\n\tgo(f%d%s);\n", f, args
		printf "\tgo_with(garn_attr(.name = \"f\", .stack = GARN_KB(400)), f%d%s);\n}\n", f, args
	}

	BEGIN {
		srand(seed)
		nintegers = 10 # the first of the types
		ntypes = split("char,signed char,unsigned char,short,unsigned short,int,unsigned,long,unsigned long,long long,float,double,float,double,long double,_Bool,__int128", types, ",")
		for (i = 1; i <= ntypes; i++)
			size[types[i]] = types[i] ~ /char|Bool/ ? 1 : types[i] ~ /short/ ? 2 : types[i] ~ /long|double/ ? 8 : 4
		size["long double"] = size["__int128"] = 16
		nresults = split("void,void,void,int,char,long,float,double,long double,_Bool,__int128,struct r1,struct r2,struct r3", results, ",")
		print "#include \"test.h\"\n#include <garn.h>\n#include <stdarg.h>\nstatic garn_waitgroup wg;\nstatic int ran;"
		print "struct r1 { int v[3]; };\nstruct r2 { double v[2]; };\nstruct r3 { long double v[1]; };"
		for (f = 1; f <= count; f++)
			newfunction(f)
		print "int main(void)\n{\n\tfor (int i = 0; i < 3; i++) {"
		for (f = 1; f <= count; f++)
			printf "\t\tg%d();\n%s", f, f % 8 ? "" : "\t\tgarn_waitgroup_wait(&wg);\n"
		print "\t\tgarn_waitgroup_wait(&wg);\n\t}\n\tCHECK(ran > 0);\n\treturn 0;\n}"
	}'
}
generate "$seed" "$count" >fuzz.c

try() { # FLAGS
	# TEST_FLAGS and what is given are words. Nothing here is to be warned of: the numbers have all sorts of types.
	# shellcheck disable=SC2086
	if ! $CC -std=gnu11 $TEST_FLAGS -w $1 -I"$GARN_SRC/include" -I"$GARN_SRC/tests" -o fuzz fuzz.c \
		-Wl,--wrap=main "$GARN_O/libgarn.a" -pthread 2>err; then
		no "seed $seed: $CC $1: does not compile: $(head -n 20 err)"
		return
	fi
	for procs in 1 8; do
		GARN_MAXPROCS=$procs want 0 ./fuzz
	done
}
for flags in -O0 -O2; do
	try "$flags"
done
if echo 'int main(void) { return 0; }' >t.c && $CC -flto t.c -o t 2>/dev/null; then
	try "-O3 -flto"
fi
[ "$failures" -eq 0 ] || echo "seed $seed: see fuzz.c"
done_testing
