/* An array that is written where the counter points, and read four behind; the table of initial values shows.
 */
void delay_line(unsigned char x, unsigned char *y, unsigned *at_out)
{
    static unsigned char line[8] = {1, 2, 3, 5, 7, 11, 13, 17};
    static unsigned at = 3;
    *y = line[(at + 4) & 7];
    line[at & 7] = x;
    *at_out = at;
    at = (at + 1) & 7;
}
