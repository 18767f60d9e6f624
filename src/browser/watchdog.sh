# Started before the driver, outside the process that uses it. Makes a folder in the one named by the
# first argument and prints its name; then reads the driver's process group from standard input, waits
# until its user lets go of that pipe, whatever way it ended, ends the whole group and removes the
# folder. Who makes the folder is who removes it, so that no signal can come between the two.
trap '' HUP INT TERM PIPE
PATH=$PATH:/usr/bin:/bin
folder=$(mktemp -d "$1/okta-e2e-browser-XXXXXXXX") || exit
echo "$folder"
group=
end_group() {
    if [ -n "$group" ]; then
        kill -s KILL -- "-$group"
    fi
}
while read -r line; do
    # Another driver: what the one before it has started must not stay.
    end_group
    group=$line
done
end_group
# A process at its end may still add a file while the folder is being emptied.
tries=0
until rm -rf -- "$folder" || [ "$tries" -ge 100 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
