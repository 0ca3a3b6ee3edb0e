// Short names are functions in C++: members and locals of the same names do not collide with them.
// COMPILE: c++17 c++20
#include <garn.h>

namespace engine {

struct robot {
	int x = 0;
	robot &go(int dx)
	{
		x += dx;
		return *this;
	}
	void on_timeout(int n) { x = n; }
	int chan_len() const { return x; }
};

inline int go(double d) { return static_cast<int>(d); }

} // namespace engine

int use(engine::robot &r);
int use(engine::robot &r)
{
	r.go(1).go(2).on_timeout(3);
	go([](int n) { static_cast<void>(n); }, r.chan_len());
	return engine::go(1.5);
}
