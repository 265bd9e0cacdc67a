/* Indices that are in range because of the condition they stand under: distances, the short way round, a
 * ring. */
void bounded_choices(unsigned char a, unsigned char b, const unsigned char table[129], const short ring[10],
                     int *near, int *after, int *before, int *both)
{
    int d = a - b, distance = a > b ? a - b : b - a;
    int i = a % 10, next = i + 1 > 9 ? i + 1 - 10 : i + 1, previous = i - 3 < 0 ? i + 7 : i - 3;
    *near = table[distance > 128 ? 256 - distance : distance];
    *after = ring[next];
    *before = ring[previous];
    *both = ring[(d < 0 ? -d : d) % 10] + (d > 0 && d < 10 ? ring[d] : ring[0]);
}
