var config = {
    hosts: {
        domain: {{ domain }},
        // focus: 'focus.jitsi-meet.example.com',
        muc: {{ muc }},
    },
    bosh: {{ "//" ~ host ~ "/http-bind" }},
    prejoinConfig: { enabled: true },
};
